#!/bin/sh
# First process of the user-mode Linux in which PPP runs; its root is the host's, read-only. LAB is the lab's folder.
# It starts the servers and the client's charon, then runs what is sent to port 4000.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LAB
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /run/netns /run/lock /run/xl2tpd
mount -t devpts devpts /dev/pts

modules=/usr/lib/uml/modules/$(uname -r)
for module in arc4 ppp_async ppp_mppe l2tp_ppp pptp veth xfrm_user esp4 gcm ctr ghash-generic seqiv ansi_cprng; do
  # modules.dep names what a module needs, nearest first: load from the end.
  files=
  for file in $(grep "/$module.ko:" "$modules/modules.dep" | tr -d :); do files="$file $files"; done
  for file in $files; do
    [ -d "/sys/module/$(basename "$file" .ko | tr - _)" ] || busybox insmod "$modules/$file"
  done
done

# Here /etc/ppp is the lab's: without Debian's scripts for every link that goes up or down.
mount --bind "$LAB/ppp" /etc/ppp
hostname localhost
ip link set lo up
ip address add 192.0.2.2/24 dev vec0
ip link set vec0 up
ip netns add client
ip link add vpn0 type veth peer name vpn0 netns client
ip address add 10.87.1.1/24 dev vpn0
ip link set vpn0 up
ip -n client address add 10.87.1.2/24 dev vpn0
ip -n client link set lo up
ip -n client link set vpn0 up

# charon SIDE NAMESPACE FOLDER: both write charon.pid and charon.vici into /run, so each gets one of its own.
charon() {
  mkdir "/run/charon-$1"
  nsenter --net="$2" unshare --mount sh -c "mount --bind /run/charon-$1 /run && exec /usr/lib/ipsec/charon" \
    > "/run/charon-$1.log" 2>&1 &
  until [ -S "/run/charon-$1/charon.vici" ]; do sleep 0.1; done
  SWANCTL_DIR="$3" swanctl --load-all --uri "unix:///run/charon-$1/charon.vici"
}
export STRONGSWAN_CONF="$LAB/uml/strongswan.conf"

xl2tpd -D -c "$LAB/ppp/xl2tpd.conf" -p /run/xl2tpd/server.pid -C /run/xl2tpd/server > /run/xl2tpd.log 2>&1 &
pptpd -f -c "$LAB/ppp/pptpd.conf" -p /run/pptpd.pid > /run/pptpd.log 2>&1 &
(charon server /proc/1/ns/net "$LAB/ppp" && charon client /run/netns/client "$LAB/uml/client" && echo "IPsec is ready") \
  > /run/ipsec.log 2>&1 &
exec busybox nc -ll -p 4000 -e /bin/sh
