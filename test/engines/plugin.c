/* pppd's plug-in without pppd, to count what a login costs: USERS STATE [NAME PASSWORD]. Prints what the plug-in says. */
#include <pppd/pppd.h>
#include <pppd/chap.h>
#include <pppd/ipcp.h>
#include <pppd/mppe.h>
#include <pppd/options.h>
#include <pppd/upap.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void plugin_init(void);
pap_check_hook_fn *pap_check_hook;
pap_auth_hook_fn *pap_auth_hook;
chap_check_hook_fn *chap_check_hook;
chap_verify_hook_fn *chap_verify_hook;
int (*allowed_address_hook)(uint32_t address);
ipcp_options ipcp_wantoptions[1];
static struct option *options;

void ppp_add_options(struct option *all) { options = all; }
void ppp_option_error(char *text, ...) { puts(text); }
const char *ppp_ipparam(void) { return ""; }
const char *ppp_get_remote_number(void) { return ""; }
void mppe_set_keys(unsigned char *send_key, unsigned char *receive_key, int length) { (void)send_key, (void)receive_key, (void)length; }
int slprintf(char *to, int length, const char *text, ...) { return (void)text, length > 0 ? *to = 0 : 0; }
static void say(const char *text, va_list values) { vprintf(text, values), putchar('\n'); }
#define SAYS(name) void name(const char *text, ...) { va_list values; va_start(values, text); say(text, values); va_end(values); }
SAYS(info)
SAYS(warn)
SAYS(error)

int main(int argc, char **argv) {
  char *message;
  struct wordlist *addresses, *more;
  if (argc != 3 && argc != 5) return 2;
  plugin_init();
  strcpy(options[0].addr, argv[1]);
  strcpy(options[1].addr, argv[2]);
  return argc == 3 || pap_auth_hook(argv[3], argv[4], &message, &addresses, &more) ? 0 : 1;
}
