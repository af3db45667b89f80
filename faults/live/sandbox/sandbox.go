// Package sandbox gives a program a world of its own: namespaces for users, processes,
// networks and mounts. Nothing in it outlives the program, however it ends.
//
// [Run] starts the program again inside. There it is process 1, so that the kernel kills
// every server with it. Its networks and mounts have no names outside and end with it.
// The folder [Dir] is in memory. No root is needed: the program makes a user namespace.
package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Dir is the folder for data inside: a file system in memory.
const Dir = "/run"

// DirSize bounds the data of all nodes together, in the words of mount(8).
const DirSize = "8g"

// marker is the variable that tells the program that it is inside.
const marker = "RAFTCHECK_SANDBOX"

// lifeline is the file whose end, inside, says that the program outside is gone. Files
// that [Run] hands over follow it.
const lifeline = 3

// Inside reports whether the program runs inside.
func Inside() bool { return os.Getenv(marker) != "" }

// File returns the i-th file that was handed over to [Run], inside.
func File(i int) *os.File { return os.NewFile(uintptr(lifeline+1+i), "handed over") }

// Refused is the error of a kernel that lacks a part of the sandbox.
type Refused struct{ Missing error }

func (r Refused) Error() string {
	return fmt.Sprintf("no network and no disk of its own for each node: %v; "+
		"with -plain the servers run on loopback, where processes start, stop and pause, "+
		"and events at links and disks are ignored", r.Missing)
}

// Run runs the program again inside, with the same arguments, and returns its exit code.
// Signals that would end the program are passed on. The error is a [Refused], or says that
// the program could not be started.
func Run(files ...*os.File) (code int, err error) {
	held, life, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer life.Close()
	defer held.Close()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), marker+"=1")
	cmd.ExtraFiles = append([]*os.File{held}, files...)
	cmd.SysProcAttr = attributes()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, Refused{fmt.Errorf("no user namespace (user.max_user_namespaces, "+
			"kernel.unprivileged_userns_clone or the container's rules forbid it): %w", err)}
	}
	go func() {
		for s := range signals {
			cmd.Process.Signal(s)
		}
	}()
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// attributes are those of a process in namespaces of its own, in which the user is root.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Setpgid:     true, // signals of the terminal arrive once, from outside
	}
}

// Enter prepares the inside: the data folder, and the end of the program when the one
// outside is gone. Call it once, before anything else. The error is a [Refused].
func Enter() error {
	os.Unsetenv(marker)
	unix.CloseOnExec(lifeline)
	life := os.NewFile(lifeline, "lifeline")
	go func() {
		io.Copy(io.Discard, life)
		os.Exit(1)
	}()
	var missing []string
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		missing = append(missing, fmt.Sprintf("mounts of its own: %v", err))
	}
	if err := unix.Mount("tmpfs", Dir, "tmpfs", 0, "size="+DirSize); err != nil {
		missing = append(missing, fmt.Sprintf("a tmpfs: %v", err))
	}
	// Where /proc is masked, as in some containers, that of the outside stays. It does.
	_ = unix.Mount("proc", "/proc", "proc", 0, "")
	if err := raiseLoopback(); err != nil {
		missing = append(missing, fmt.Sprintf("a loopback device: %v", err))
	}
	for _, device := range []string{"/dev/net/tun", "/dev/fuse"} {
		f, err := os.OpenFile(device, os.O_RDWR, 0)
		if err != nil {
			missing = append(missing, err.Error())
			continue
		}
		f.Close()
	}
	if len(missing) > 0 {
		return Refused{errors.New(strings.Join(missing, "; "))}
	}
	return nil
}

// raiseLoopback brings the loopback device up.
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, r)
}
