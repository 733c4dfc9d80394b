// What administrators who click through the list of users ask for, and how a page is asked for.

/** What an administrator asks for next: pages, searches, filters and orders in turn. */
export function click(n: number): string {
  return ["users", `users?page=${1 + (n % 2000)}`, `users?q=${n}`, "users?state=never", "users?order=last"][
    n % 5
  ]!;
}

/** Asks for a page in the session of `cookie`, and returns its text. Throws where there is none. */
export async function get(url: string, cookie: string, path: string): Promise<string> {
  const answer = await fetch(url + path, { headers: { cookie }, redirect: "manual" });
  if (answer.status !== 200) throw new Error(`/${path} was answered with ${answer.status}`);
  return answer.text();
}
