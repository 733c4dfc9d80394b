// The same user? The name, exactly, by default. What a RADIUS client's settings leave out of it (for logins the module
// does it, assembly/radius/dial-in.ts), and which user was probably meant where there is none of that name. Sources: RFC 7542 section 2.2 (realms), RFC 2759 section 4 (domains).

/** What is done with names before they are looked up; nothing where a key is left out. */
export interface NamePolicy {
  /** `alice@example.org` is `alice`. */
  realm?: "keep" | "strip" | undefined;
  /** `CORP\alice` is `alice`. */
  domain?: "keep" | "strip" | undefined;
  /** `Alice` is `alice`: users have names in lower case then. */
  case?: "exact" | "fold" | undefined;
}

/** The name that is looked up; "" where nothing is left of it. */
export function readUserName(sent: string, policy: NamePolicy): string {
  let name = sent;
  if (policy.domain === "strip") name = name.slice(name.lastIndexOf("\\") + 1);
  if (policy.realm === "strip" && name.includes("@")) name = name.slice(0, name.lastIndexOf("@"));
  return policy.case === "fold" ? name.toLowerCase() : name;
}

/** Other names by which `sent` may be meant, likeliest first: without domain, realm, spaces, in lower case. */
export function otherNames(sent: string): string[] {
  const names = new Set<string>();
  for (const fold of ["exact", "fold"] as const)
    for (const plain of [sent, sent.replace(/\s/g, "")])
      for (const domain of ["strip", "keep"] as const)
        for (const realm of ["keep", "strip"] as const)
          names.add(readUserName(plain, { domain, realm, case: fold }));
  names.delete(sent);
  names.delete("");
  return [...names];
}

/** How the name of a user differs from the one that was sent, where it may be meant by it; undefined where it may not. */
export function howMeant(sent: string, name: string): "case" | "domain" | undefined {
  const fold = (text: string): string => text.normalize("NFKC").replace(/\s/g, "").toLowerCase();
  if (fold(sent) === fold(name)) return "case";
  const bare = (text: string): string => fold(readUserName(text, { domain: "strip", realm: "strip" }));
  return bare(sent) !== "" && bare(sent) === bare(name) ? "domain" : undefined;
}
