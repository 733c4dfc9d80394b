typedef struct { uint32_t hisaddr; } ipcp_options;
extern ipcp_options ipcp_wantoptions[];
