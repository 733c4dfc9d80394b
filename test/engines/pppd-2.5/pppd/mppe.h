#define MPPE_MAX_KEY_LEN 16
void mppe_set_keys(unsigned char *send_key, unsigned char *recv_key, int keylen);
