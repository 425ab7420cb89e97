# U-Boot's part of an update: choose the slot, count the attempt, start it. One script for every board; it lies on the
# FAT partition, which no update touches, so what may change with a version lies in the slot (/boot/slot.env).
#
# The state is one sector of 512 bytes with a CRC, in the form of fw_setenv, at 1 MiB of the disk, and a copy at 2 MiB:
#   BOOT_ORDER    "A B" or "B A": which slot is tried first
#   BOOT_A_LEFT   starts that slot A has left; the same for B
#   BOOT_GOOD     the slot that was healthy last; another one is on trial and gets weather.trial on its command line
# The first is written before the copy, here and in the running system, so that one of them is whole at any moment.
# A slot on trial has three starts. The good one has nine, given back by each start that reaches its services, so that
# a few power cuts during the boot do not throw it back. With no starts left anywhere both get some again: the machine
# never stops trying.
setenv state 0x800
setenv copy 0x1000
test -n "${devtype}" || setenv devtype mmc
test -n "${devnum}" || setenv devnum 0
if test "${devtype}" = mmc; then
  setenv kernel_addr_r 0x00200000; setenv addr 0x07000000; setenv ramdisk_addr_r 0x0a000000
else
  setenv kernel_addr_r 0x40400000; setenv addr 0x47000000; setenv ramdisk_addr_r 0x48000000
fi
setenv fdt_addr ${fdtcontroladdr}
setenv names BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT BOOT_GOOD
setenv BOOT_ORDER; setenv BOOT_A_LEFT; setenv BOOT_B_LEFT; setenv BOOT_GOOD
${devtype} dev ${devnum}

setenv known no
${devtype} read ${addr} ${state} 1 && env import -c ${addr} 0x200 ${names} && setenv known first
if test "${known}" = no; then
  ${devtype} read ${addr} ${copy} 1 && env import -c ${addr} 0x200 ${names} && setenv known copy
fi
if test "${known}" = no; then setenv BOOT_GOOD; setenv BOOT_ORDER; setenv BOOT_A_LEFT; setenv BOOT_B_LEFT; fi
# Without a state each slot is on trial: the one whose services come up becomes the good one.
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3
echo "WG: state ${known} order ${BOOT_ORDER} A ${BOOT_A_LEFT} B ${BOOT_B_LEFT} good ${BOOT_GOOD}"

setenv slot
for s in ${BOOT_ORDER}; do
  if test -z "${slot}"; then
    if test "${s}" = A && itest.l ${BOOT_A_LEFT} -gt 0; then setenv slot A; setenv part 2; setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1; fi
    if test "${s}" = B && itest.l ${BOOT_B_LEFT} -gt 0; then setenv slot B; setenv part 3; setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1; fi
  fi
done
if test -z "${slot}"; then
  setenv BOOT_A_LEFT 3; setenv BOOT_B_LEFT 3
  if test "${BOOT_GOOD}" = A; then setenv BOOT_A_LEFT 9; setenv BOOT_B_LEFT 1; fi
  if test "${BOOT_GOOD}" = B; then setenv BOOT_B_LEFT 9; setenv BOOT_A_LEFT 1; fi
fi
mw.b ${addr} 0 0x200
env export -c -s 0x200 ${addr} ${names}
${devtype} write ${addr} ${state} 1
${devtype} write ${addr} ${copy} 1
if test -z "${slot}"; then
  echo "WG: no slot has starts left; given again"
  reset
fi
setenv trial
test "${slot}" = "${BOOT_GOOD}" || setenv trial weather.trial=1
echo "WG: slot ${slot} left A ${BOOT_A_LEFT} B ${BOOT_B_LEFT} ${trial}"

test -n "${serial#}" && setenv machine ${serial#}${serial#}
test -n "${machine}" || setenv machine 00000000000000000000000000000001
setenv at ${devtype} ${devnum}:${part}
setenv slotargs
load ${at} ${addr} /boot/slot.env && env import -t ${addr} ${filesize} slotargs
setenv bootargs "root=PARTUUID=57474757-0${part} ro rootwait rauc.slot=${slot} ${trial} panic=10 systemd.machine_id=${machine} ${slotargs} ${extraargs}"
load ${at} ${kernel_addr_r} /boot/vmlinuz && load ${at} ${ramdisk_addr_r} /boot/initrd.img && booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
echo "WG: slot ${slot} does not start"
reset
