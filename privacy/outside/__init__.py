"""What other programs are offered: analysis and masking of pictures that are not kept."""
