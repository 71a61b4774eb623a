package dev.casemate.e2e;

import dev.casemate.testkit.HostProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a program may rely on in a directory, tried out and told in lines that are the same wherever
 * it holds. A container runs it from {@code /tools}.
 */
final class VolumeContract {
  /** Argument 1: the directory; 2: whether it has extended attributes. */
  private static final String SCRIPT =
      """
      cd "$1" || exit 9
      facts() { stat -c '%n %a %u %g %s %h %F' "$@"; }
      facts .
      echo content >file; chown 1234:5678 file; chmod 2640 file; touch -d @1000000000 file
      echo more >>file; touch -d @1000000000 file; stat -c '%n %Y' file
      ln file hard; ln -s file link; readlink link; cat link; facts file link
      mkdir -m 1770 dir; mkfifo fifo; facts dir fifo
      echo new >dir/new; echo old >target; exec 7<target
      mv dir/new target; cat target; cat <&7; exec 7<&-
      rmdir dir; echo gone >unlinked; exec 7<unlinked; rm unlinked; cat <&7; exec 7<&-
      truncate -s 1000000 sparse; facts sparse; rm sparse
      ls -A
      PERL5LIB=/tools/none /tools/bin/perl /tools/contract.pl "$2" 2>&1
      """;

  /** By system calls' numbers, which are those of x86-64: there are no modules in the container. */
  private static final String PROGRAM =
      """
      sub check { my ($what, $good) = @_; print $what, $good ? " works\\n" : " fails: $!\\n"; }
      sub other { my ($code) = @_; my $pid = fork; if (!$pid) { exit($code->() ? 1 : 0); }
        waitpid($pid, 0); return $? >> 8; }
      open(my $file, '+>', 'mapped') or die "open: $!"; truncate($file, 8192);
      my $fd = fileno($file);
      if ($ARGV[0] eq 'xattr') {
        my ($name, $value, $room) = ("user.mark", "of the container", "\\0" x 64);
        check('setting an attribute', syscall(190, $fd, $name, $value, length($value), 0) == 0);
        my $length = syscall(193, $fd, $name, $room, 64);
        print 'attribute: ', $length < 0 ? $! : substr($room, 0, $length), "\\n";
      }
      my $at = syscall(9, 0, 8192, 3, 1, $fd, 0);
      check('mapping', $at > 0);
      pipe(my $from, my $to); syswrite($to, 'through the map');
      syscall(0, fileno($from), $at + 4096, 15);
      sysseek($file, 4096, 0); sysread($file, my $seen, 15); print "read: $seen\\n";
      sysseek($file, 0, 0); syswrite($file, 'through the file'); my $word = "\\0" x 16;
      syscall(1, fileno($to), $at, 16); sysread($from, $word, 16); print "mapped: $word\\n";
      check('synchronizing', syscall(26, $at, 8192, 4) == 0);
      my $map_of_child = other(sub { syswrite($to, 'by a child'); syscall(0, fileno($from), $at, 10) == 10; });
      sysseek($file, 0, 0); sysread($file, $seen, 10); print "read: $seen\\n";
      check('fsync', syscall(74, $fd) == 0);
      check('punching a hole', syscall(285, $fd, 3, 0, 4096) == 0);
      open(my $locked, '+>', 'locked');
      my $all = pack('s s x4 q q i x4', 1, 0, 0, 0, 0);
      check('fcntl lock', fcntl($locked, 6, $all));
      my $again = sub { open(my $mine, '+<', 'locked'); my $l = $all; fcntl($mine, 6, $l); };
      print 'second fcntl lock: ', other($again), "\\n";
      my $open = pack('s s x4 q q i x4', 1, 0, 10, 5, 0);
      open(my $third, '+<', 'locked');
      check('open file lock', fcntl($third, 37, $open) || $!{EAGAIN});
      my $none = pack('s s x4 q q i x4', 2, 0, 0, 0, 0); fcntl($locked, 6, $none);
      print 'after unlocking: ', other($again), "\\n";
      check('flock', flock($locked, 6));
      print 'second flock: ', other(sub { open(my $mine, '+<', 'locked'); flock($mine, 6); }), "\\n";
      """;

  /**
   * {@code hold FILE} locks and maps it until killed, {@code try FILE} tells what another sees of
   * that.
   */
  private static final String HOLDER =
      """
      my ($verb, $path) = @ARGV; open(my $file, '+<', $path) or die "open: $!";
      my $all = pack('s s x4 q q i x4', 1, 0, 0, 0, 0);
      if ($verb eq 'try') {
        print 'flock: ', flock($file, 6) ? 'free' : 'taken', "\\n";
        print 'fcntl: ', fcntl($file, 6, $all) ? 'free' : 'taken', "\\n";
        sysread($file, my $seen, 12); print "content: $seen\\n"; exit;
      }
      flock($file, 6) or die "flock: $!"; fcntl($file, 6, $all) or die "fcntl: $!";
      truncate($file, 4096); my $at = syscall(9, 0, 4096, 3, 1, fileno($file), 0);
      pipe(my $from, my $to); syswrite($to, 'by a mapping'); syscall(0, fileno($from), $at, 12);
      open(my $held, '>', "$path.held"); close($held);
      sleep(100000);
      """;

  private VolumeContract() {}

  /** Puts it into a directory that containers mount at {@code /tools}. */
  static void write(Path tools) throws IOException {
    Files.createDirectories(tools);
    Files.writeString(tools.resolve("contract"), SCRIPT);
    Files.writeString(
        tools.resolve("contract.pl"), PROGRAM.replace("|| $!{EAGAIN}", "|| $! == 11"));
    Files.writeString(tools.resolve("holder.pl"), HOLDER);
    HostProgram.copy(Path.of("/usr/bin/perl"), tools, "perl");
    Path program = Files.createDirectories(tools.resolve("bin")).resolve("perl");
    Files.writeString(
        program,
        """
        #!/bin/sh
        exec /tools/lib64/ld-linux-x86-64.so.2 \\
          --library-path /tools/lib/x86_64-linux-gnu:/tools/usr/lib/x86_64-linux-gnu \\
          /tools/perl "$@"
        """);
    if (!program.toFile().setExecutable(true, false)) {
      throw new IOException(program + " cannot be made executable");
    }
  }

  /** The command that tries it out. */
  static List<String> command(String place, boolean attributes) {
    return List.of("sh", "/tools/contract", place, attributes ? "xattr" : "plain");
  }
}
