#!/lib/modules/busybox sh
# First program of a guest with a stock kernel: loads what the disk and the devices that are there
# need, mounts the root image, becomes the agent. Arguments are the kernel's for its first program.
b=/lib/modules/busybox
$b mount -t devtmpfs none /dev
$b mount -t sysfs none /sys

buses=
[ -e /sys/bus/acpi/devices/LNRO0005:00 ] && buses=virtio_mmio
[ -e /sys/bus/pci/devices/0000:00:00.0 ] && buses="$buses virtio_pci"
$b modprobe -q -a $buses

modules=erofs
for modalias in /sys/bus/virtio/devices/*/modalias; do
  read -r one <"$modalias" && modules="$modules $one"
done
$b modprobe -q -a $modules

# The agent's standard descriptors must be open, be there a console or not.
if ! { true <&0; } 2>/dev/null; then
  if { true </dev/console; } 2>/dev/null; then
    exec </dev/console >/dev/console 2>&1
  else
    exec </dev/null >/dev/null 2>&1
  fi
fi

$b mount -t erofs -o ro /dev/vda /root || echo 'casemate: cannot mount the root image'
$b mount --bind /lib/modules /root/usr/lib/modules
$b mount --move /dev /root/dev
# Not switch_root: it would delete the modules, which the kernel still asks for (see Initrd).
cd /root
$b mount --move . /
exec $b chroot . /opt/casemate/jre/bin/java "$@"
