#define CHAP_MD5 5
#define CHAP_MICROSOFT_V2 0x81
struct chap_digest_type { int code; };
typedef int(chap_verify_hook_fn)(char *name, char *ourname, int id, struct chap_digest_type *digest, unsigned char *challenge,
                                 unsigned char *response, char *message, int message_space);
extern chap_verify_hook_fn *chap_verify_hook;
typedef int(chap_check_hook_fn)(void);
extern chap_check_hook_fn *chap_check_hook;
