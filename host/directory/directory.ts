// The first factor elsewhere: a directory says whether a password is a user's. It is asked before the core judges, and
// its word counts only together with the code. The password goes to the directory and nowhere else.

/** `right` and `wrong` are the directory's word; `unreachable`: it gave none. */
export type DirectoryAnswer = "right" | "wrong" | "unreachable";

export interface Directory {
  /**
   * Whether `password` is `user`'s. Never rejects; resolves within the timeout of the configuration. `why` hears in
   * words why there was no answer; the words hold no password.
   */
  check(user: string, password: string, why: (reason: string) => void): Promise<DirectoryAnswer>;
  /** Why there was no answer, where the last question got none; for the doctor. */
  trouble?(): { why: string } | undefined;
}

/** Questions that may be under way; more would only wait for a directory that is slow already. */
const MOST_AT_ONCE = 32;

/** `directory`, asked at most so many questions at a time; beyond, there is no answer. It keeps its last trouble in mind. */
export function bounded(directory: Pick<Directory, "check">, most: number = MOST_AT_ONCE): Directory {
  let underWay = 0;
  let trouble: { why: string } | undefined;
  return {
    trouble: () => trouble,
    async check(user, password, why) {
      // Many directories take a bind without a password for one without a name, and say yes (RFC 4513 section 5.1.2).
      if (password === "" || password.includes("\0")) return "wrong";
      let told = "it gave no answer";
      const tell = (reason: string): void => why((told = reason));
      if (underWay >= most) {
        tell(`${most} questions to the directory are under way`);
        trouble = { why: told };
        return "unreachable";
      }
      underWay++;
      try {
        const answer = await directory.check(user, password, tell);
        trouble = answer === "unreachable" ? { why: told } : undefined;
        return answer;
      } finally {
        underWay--;
      }
    },
  };
}
