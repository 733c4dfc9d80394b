/* What the plug-in needs of the headers of pppd 2.5, declared here because Debian 12 has none of them: names, types and
 * order of arguments as in its pppd.h, options.h, chap.h, upap.h, mppe.h and ipcp.h. For compiling alone. */
#ifndef TEST_PPPD_H
#define TEST_PPPD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PPPD_VERSION "2.5.0"
#define MAXNAMELEN 256
struct wordlist { struct wordlist *next; char *word; };
int slprintf(char *, int, const char *, ...);
void info(const char *, ...);
void warn(const char *, ...);
void error(const char *, ...);
const char *ppp_ipparam(void);
const char *ppp_get_remote_number(void);
extern int (*allowed_address_hook)(uint32_t address);
#endif
