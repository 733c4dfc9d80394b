// Loaded before a service: its clock is off by SHIFT_SECONDS; SIGUSR2 puts it right, or 16 minutes ahead where it is right.
const now = Date.now.bind(Date);
let shift = Number(process.env.SHIFT_SECONDS ?? 0) * 1000;
Date.now = () => now() + shift;
process.on("SIGUSR2", () => (shift = shift < 0 ? 0 : shift + 16 * 60_000));
