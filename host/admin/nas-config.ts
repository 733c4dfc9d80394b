// What to put into a VPN daemon so that it asks here: the pieces of test/daemons/, with address and secret filled in.
// (hostapd.conf; MikroTik's /radius; the others are tried by npm run test:daemons.)

/** Where the daemon asks, and the secret that both share. */
export interface NasAnswers {
  /** This server's address, as the daemon reaches it. */
  server: string;
  authentication: number;
  accounting: number;
  secret: string;
}

export interface NasConfig {
  daemon: string;
  files: { file: string; text: string }[];
}

/** The configuration for each daemon. */
export function nasConfigs({ server, authentication, accounting, secret }: NasAnswers): NasConfig[] {
  const servers = `${server} ${secret}\n`;
  const radcli = (servers: string, more: string): string =>
    `authserver ${server}:${authentication}\nacctserver ${server}:${accounting}\nservers ${servers}\n${more}radius_timeout 5\nradius_retries 2\nbindaddr *\n`;
  return [
    {
      daemon: "strongSwan",
      files: [
        {
          file: "/etc/strongswan.d/charon/eap-radius.conf",
          text: `eap-radius {
  load = yes
  accounting = yes
  nas_identifier = strongswan
  servers {
    dialward {
      address = ${server}
      auth_port = ${authentication}
      acct_port = ${accounting}
      secret = ${secret}
    }
  }
}
`,
        },
      ],
    },
    {
      daemon: "ocserv",
      files: [
        {
          file: "/etc/ocserv/ocserv.conf",
          text: `auth = "radius[config=/etc/ocserv/radiusclient.conf,groupconfig=true]"
acct = "radius[config=/etc/ocserv/radiusclient.conf]"
`,
        },
        {
          file: "/etc/ocserv/radiusclient.conf",
          text: `nas-identifier ocserv\n${radcli("/etc/ocserv/servers", "dictionary /etc/radcli/dictionary\ndefault_realm\n")}`,
        },
        { file: "/etc/ocserv/servers", text: servers },
      ],
    },
    {
      daemon: "OpenVPN",
      files: [
        {
          file: "/etc/openvpn/server.conf",
          text: `plugin /usr/lib/openvpn/radiusplugin.so /etc/openvpn/radiusplugin.cnf
auth-gen-token 43200
`,
        },
        {
          file: "/etc/openvpn/radiusplugin.cnf",
          text: `NAS-Identifier=OpenVPN
NAS-IP-Address=127.0.0.1
NAS-Port-Type=5
Service-Type=5
Framed-Protocol=1
OpenVPNConfig=/etc/openvpn/server.conf
subnet=255.255.255.0
overwriteccfiles=true
useauthcontrolfile=true
useclientconnectdeferfile=false
nonfatalaccounting=false
server
{
	name=${server}
	authport=${authentication}
	acctport=${accounting}
	retry=2
	wait=3
	sharedsecret=${secret}
}
`,
        },
      ],
    },
    {
      daemon: "pppd (xl2tpd, pptpd)",
      files: [
        {
          file: "/etc/ppp/options",
          text: "plugin radius.so\nradius-config-file /etc/ppp/radiusclient.conf\n",
        },
        {
          file: "/etc/ppp/radiusclient.conf",
          text: `auth_order radius\n${radcli("/etc/ppp/servers", "dictionary /etc/ppp/dictionary\nmapfile /etc/ppp/port-id-map\nseqfile /run/radius.seq\ndefault_realm\n")}`,
        },
        { file: "/etc/ppp/servers", text: servers },
      ],
    },
    {
      daemon: "MikroTik",
      files: [
        {
          file: "RouterOS",
          text: `/radius add address=${server} secret="${secret}" service=ppp,ipsec authentication-port=${authentication} accounting-port=${accounting} timeout=3s
/ppp aaa set use-radius=yes accounting=yes
`,
        },
      ],
    },
    {
      daemon: "hostapd",
      files: [
        {
          file: "hostapd.conf",
          text: `ieee8021x=1
auth_server_addr=${server}
auth_server_port=${authentication}
auth_server_shared_secret=${secret}
acct_server_addr=${server}
acct_server_port=${accounting}
acct_server_shared_secret=${secret}
`,
        },
      ],
    },
  ];
}
