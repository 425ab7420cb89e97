# Raspberry Pi Zero W and 1 (ARM1176, ARMv6) with Debian's armel: its libraries are for ARMv5 without floating point
# unit. What is compiled here has the instructions of the ARM1176 and its VFP2, and hands floating point numbers over as
# armel does (softfp), so that both fit. Debian's armel on an older processor cannot run it.
set(CMAKE_SYSTEM_PROCESSOR armv6l)
set(GW_TRIPLET arm-linux-gnueabi)
set(GW_QEMU_NAME qemu-arm-static)
set(GW_QEMU_OPTIONS -cpu arm1176)
set(CMAKE_C_FLAGS_INIT "-mcpu=arm1176jzf-s -mfpu=vfp -mfloat-abi=softfp")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT} -isystem ${CMAKE_CURRENT_LIST_DIR}/armv6")
include(${CMAKE_CURRENT_LIST_DIR}/common-linux.cmake)
