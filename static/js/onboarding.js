// Proposes the browser's own time zone to a newcomer who has not chosen one.

export default function onboarding(form) {
  const field = form.querySelector("[name=time_zone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field.value === "UTC" && [...field.options].some((one) => one.value === here)) field.value = here;
}
