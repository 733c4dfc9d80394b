#!/bin/sh
# Makes /etc/ppp/dictionary, which Debian's ppp lacks, of radcli's (package libradcli4).
sed 's/ipv4addr/ipaddr/; /ipv6/d' /etc/radcli/dictionary > /etc/ppp/dictionary
cat /etc/radcli/dictionary.microsoft >> /etc/ppp/dictionary
