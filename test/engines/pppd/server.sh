#!/bin/sh
# The server's pppd, in the guest's first namespace. $1 names the login; $SERVER holds its options.
# shellcheck disable=SC2086
exec nsenter -t 1 -n pppd notty nodetach auth plugin "$DIALWARD/dialward.so" dialward-users "$DIALWARD/users" \
  dialward-state /mnt/state dialward-type pptp $SERVER 10.50.0.1:10.50.0.2 name server nodefaultroute noipv6 novj \
  debug logfile "/mnt/$1.server" lcp-echo-interval 0
