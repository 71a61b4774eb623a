package dev.casemate.hypervisor.qemu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A guest kernel of a few hundred bytes that does what an accelerator must be able to do for a real
 * one, and then ends QEMU with a status of its own: it enters long mode with paging, asks for CPUID
 * and the time stamp, takes an interrupt through its own table and returns from it. It is an ELF
 * file with the PVH entry note (Xen's docs/misc/pvh.pandoc), which QEMU boots on every machine.
 */
final class ProbeKernel {
  /** Port of QEMU's isa-debug-exit device. */
  static final int EXIT_PORT = 0xf4;

  /** What QEMU exits with: the device turns the value v that is written into 2 v + 1. */
  static final int SUCCESS_STATUS = 2 * 0x2a + 1;

  private static final int LOAD_ADDRESS = 0x100000;
  private static final int CODE_OFFSET = 0x1000;
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int NOTE_OFFSET = ELF_HEADER + 2 * PROGRAM_HEADER;
  private static final int NOTE_SIZE = 24;
  private static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;
  private static final short EXECUTABLE = 2;
  private static final short X86_64 = 62;
  private static final int LOADABLE = 1;
  private static final int NOTE = 4;
  private static final int READ_WRITE_EXECUTE = 7;
  private static final int READ = 4;

  /** The program, one group of instructions per entry; addresses are absolute from 1 MiB. */
  private static final String CODE =
      // cli; cld; zero the page tables at 0x103000 (0xc00 words)
      "fafc31c0bf00301000b9000c0000f3ab"
          // PML4[0] = 0x104003; PDPT[0] = 0x105003; PD[0] = 0x83, a 2 MiB page at 0
          + "c7050030100003401000c7050040100003501000c7050050100083000000"
          // lgdt [0x1000f8]; CR4 |= PAE; CR3 = 0x103000
          + "0f0115f80010000f20e083c8200f22e0b8003010000f22d8"
          // EFER (MSR 0xc0000080) |= LME; CR0 |= PG; far jump to 64-bit code at 0x100066
          + "b9800000c00f320d000100000f300f20c00d000000800f22c0ea660010000800"
          // data segments = 0x10; esp = 0x180000
          + "b8100000008ed88ec08ed0bc00001800"
          // gate 0x80 of the table at 0x102000 = the handler at 0x1000d8; lidt [0x1000fe]
          + "b8d8001000668904250028100066c7042502281000080066c7042504281000008e"
          + "c1e8106689042506281000c704250828100000000000c704250c28100000000000"
          + "0f011c25fe001000"
          // cpuid leaf 0; rdtsc; int 0x80; give up unless the handler ran
          + "31c00fa20f31cd8083fb5a7507"
          // out 0xf4, 0x2a; for ever: cli, hlt
          + "b82a000000e7f4faf4ebfc"
          // handler: ebx = 0x5a; iretq; padding
          + "bb5a00000048cf90"
          // the global descriptor table: null, 64-bit code, flat data; its pointer; the IDT's
          + "0000000000000000ffff0000009baf00ffff00000093cf00"
          + "1700e00010000f080020100000000000";

  private ProbeKernel() {}

  /** The kernel file's content. */
  static byte[] elf() {
    byte[] code = HexFormat.of().parseHex(CODE);
    ByteBuffer elf = ByteBuffer.allocate(CODE_OFFSET + code.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    elf.putShort(EXECUTABLE).putShort(X86_64).putInt(1);
    elf.putLong(LOAD_ADDRESS).putLong(ELF_HEADER).putLong(0).putInt(0);
    elf.putShort((short) ELF_HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 2);
    elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    programHeader(elf, LOADABLE, READ_WRITE_EXECUTE, CODE_OFFSET, LOAD_ADDRESS, code.length);
    programHeader(elf, NOTE, READ, NOTE_OFFSET, 0, NOTE_SIZE);
    elf.putInt(4).putInt(Long.BYTES).putInt(XEN_ELFNOTE_PHYS32_ENTRY);
    elf.put("Xen\0".getBytes(StandardCharsets.US_ASCII)).putLong(LOAD_ADDRESS);
    elf.position(CODE_OFFSET).put(code);
    return elf.array();
  }

  private static void programHeader(
      ByteBuffer elf, int type, int flags, long offset, long address, long size) {
    elf.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
    elf.putLong(size).putLong(size).putLong(type == NOTE ? 4 : CODE_OFFSET);
  }
}
