#!/bin/busybox sh
# dial.sh l2tp|pptp ADDRESS [stay]: dials in with the options in $LAB/client-options, L2TP inside IPsec, pings ADDRESS and
# hangs up; with "stay" it says its address and waits until the server hangs up, and says so. Says "connected", "the ping is answered" and for L2TP "inside ESP", or "refused"; anything else is followed
# by the logs.
# pppd's log is a pipe: reading it waits for what happens, without a process for each look (they are slow here).
log=/run/client.log
rm -f $log
mkfifo $log
exec 3<> $log
in_client="nsenter --net=/run/netns/client"
ipsec() { swanctl "$@" --uri unix:///run/charon-client/charon.vici; }
if [ "$1" = l2tp ]; then
  ipsec --initiate --child l2tp > /run/swanctl.log 2>&1 || cat /run/swanctl.log
  # From a port of its own: xl2tpd may not have heard yet that the one before has gone, and mixes them up.
  cat > /run/client.conf << CONF
[global]
port = $((2000 + $$))
[lac vpn]
lns = 10.87.1.1
pppoptfile = $LAB/client-options
autodial = yes
CONF
  $in_client xl2tpd -D -c /run/client.conf -p /run/xl2tpd/client.pid -C /run/xl2tpd/client > /run/client-xl2tpd.log 2>&1 &
else
  $in_client pppd file "$LAB/client-options" nodetach pty "pptp 10.87.1.1 --nolaunchpppd" > /dev/null 2>&1 &
fi
pid=$!

outcome=
seen=
while [ -z "$outcome" ] && read -r -t 20 line <&3; do
  seen="$seen
$line"
  case "$line" in
    *"local  IP address"*) address=${line##* } ;;
    *"remote IP address"*) outcome=connected ;;
    *"authentication failed"*) outcome=refused ;;
  esac
done
echo "${outcome:-neither connected nor refused:$seen}"
if [ "$outcome" = connected ] && $in_client ping -c 1 -w 20 "$2" > /dev/null; then
  echo "the ping is answered"
  outcome=done
fi
if [ "$outcome$3" = donestay ]; then
  echo "address $address"
  while read -r -t 300 line <&3; do
    case "$line" in *"LCP terminated by peer"* | *"Connection terminated"*) break ;; esac
  done
  echo "hung up: $line"
fi
case "$outcome" in done | refused) ;; *) cat /run/*xl2tpd.log /run/pptpd.log /run/charon-*.log ;; esac

# The pipe ends when pppd does, or what it has started.
exec 4< $log 3<&-
kill $pid 2> /dev/null
while read -r -t 3 line <&4; do :; done
# xl2tpd may hang in its signal handler, which does more than one may in there; then its pppd may be left too.
{ read -r left < /run/ppp-client.pid; } 2> /dev/null
kill -KILL $pid $left 2> /dev/null
wait $pid 2> /dev/null
if [ "$1" = l2tp ]; then
  ipsec --terminate --ike l2tp | grep -q "closing CHILD_SA l2tp.*_i ([1-9][0-9]* bytes).*_o ([1-9][0-9]* bytes)" &&
    echo "inside ESP"
fi
