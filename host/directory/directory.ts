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
}

/** Questions that may be under way; more would only wait for a directory that is slow already. */
const MOST_AT_ONCE = 32;

/** `directory`, asked at most so many questions at a time; beyond, there is no answer. */
export function bounded(directory: Directory, most: number = MOST_AT_ONCE): Directory {
  let underWay = 0;
  return {
    async check(user, password, why) {
      // Many directories take a bind without a password for one without a name, and say yes (RFC 4513 section 5.1.2).
      if (password === "" || password.includes("\0")) return "wrong";
      if (underWay >= most) {
        why(`${most} questions to the directory are under way`);
        return "unreachable";
      }
      underWay++;
      try {
        return await directory.check(user, password, why);
      } finally {
        underWay--;
      }
    },
  };
}
