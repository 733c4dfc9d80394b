#!/bin/sh
# The init of a user-mode Linux whose root is the machine's, read-only. Kernel arguments: DIALWARD is the folder with
# the logins to try (a line each: name, user, password, server's options, client's options, between bars) and where the
# plug-in lies; the logs come back in its folder `out`. Two pppds talk over a pty, the client in a namespace of its own.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /run/netns /run/lock
mount -t devpts devpts /dev/pts
mount -t hostfs -o "$DIALWARD/out" none /mnt

modules=/usr/lib/uml/modules/$(uname -r)
for name in arc4 ppp_async ppp_mppe; do
  line=$(grep "/$name.ko:" "$modules/modules.dep") || continue
  # What a module needs stands behind it, nearest first.
  ordered=
  for file in $(echo "$line" | tr -d :); do ordered="$file $ordered"; done
  for file in $ordered; do
    [ -d "/sys/module/$(basename "$file" .ko)" ] || busybox insmod "$modules/$file"
  done
done
hostname localhost
ip link set lo up
ip netns add client

export DIALWARD
while IFS='|' read -r name user password server client; do
  export SERVER="$server"
  # shellcheck disable=SC2086
  ip netns exec client pppd nodetach noauth user "$user" password "$password" nodefaultroute noipv6 novj debug \
    logfile "/mnt/$name.client" lcp-echo-interval 0 $client pty "$DIALWARD/server.sh $name" >/dev/null 2>&1 &
  pid=$!
  for _ in $(seq 600); do
    grep -q 'remote IP\|terminated' "/mnt/$name.client" 2>/dev/null && break
    sleep 0.1
  done
  sleep 0.2
  if grep -q 'remote IP' "/mnt/$name.client"; then
    ip netns exec client ping -c 3 -i 0.2 -w 20 10.50.0.1 >"/mnt/$name.ping" 2>&1
  fi
  kill $pid 2>/dev/null
  wait $pid
done <"$DIALWARD/logins"
touch /mnt/done
busybox poweroff -f
