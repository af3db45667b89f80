package live

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"raftcheck/faults/live/disk"
	"raftcheck/faults/live/network"
	"raftcheck/faults/live/sandbox"
)

// ground is the place where the nodes of a run live: in a sandbox a network and disks with
// faults, otherwise addresses of loopback and a folder.
type ground struct {
	net   *network.Network // nil without a sandbox
	disks []*disk.Disk     // of node i at position i; nil without a sandbox
	dir   string
	addrs []string // of node i at position i-1
	lock  *os.File // held while the folder is in use; nil in a sandbox
}

// newGround makes the place of a run of so many nodes.
func newGround(nodes int, plain bool) (*ground, error) {
	if plain {
		return newPlain(nodes)
	}
	g := &ground{disks: make([]*disk.Disk, nodes+1)}
	var err error
	if g.dir, err = os.MkdirTemp(sandbox.Dir, "run-"); err != nil {
		return nil, err
	}
	if g.net, err = network.New(nodes); err != nil {
		return nil, errors.Join(err, g.close())
	}
	for id := 1; id <= nodes; id++ {
		g.addrs = append(g.addrs, g.net.Addr(id))
		if g.disks[id], err = disk.Mount(g.nodeDir(id)); err != nil {
			return nil, errors.Join(err, g.close())
		}
	}
	return g, nil
}

// nodeDir is the folder of a node.
func (g *ground) nodeDir(id int) string { return filepath.Join(g.dir, "n"+strconv.Itoa(id)) }

// wipe empties the folder of a node whose process is gone.
func (g *ground) wipe(id int) error {
	if g.net != nil {
		return g.disks[id].Wipe()
	}
	return os.RemoveAll(g.nodeDir(id))
}

// start starts a command at the place of a node.
func (g *ground) start(id int, cmd *exec.Cmd) error {
	if g.net != nil {
		return g.net.Start(id, cmd)
	}
	if err := os.MkdirAll(g.nodeDir(id), 0o755); err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	failed := make(chan error)
	starters <- func() { failed <- cmd.Start() }
	return <-failed
}

// starters carries out functions on one thread that lives as long as the program: Linux
// sends a Pdeathsig when the thread ends that started the process.
var starters = func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
}()

// close takes the place away. The processes are gone.
func (g *ground) close() error {
	var err error
	for _, d := range g.disks {
		if d != nil {
			err = errors.Join(err, d.Close())
		}
	}
	if g.net != nil {
		g.net.Close()
	}
	err = errors.Join(err, os.RemoveAll(g.dir))
	if g.lock != nil {
		g.lock.Close()
	}
	return err
}

// plainPrefix begins the name of a folder of a run without a sandbox. Two numbers follow,
// those of its addresses.
const plainPrefix = "raftcheck-live-"

// newPlain makes a place on loopback. It first removes what runs left that were killed.
func newPlain(nodes int) (*ground, error) {
	if err := removeLeft(); err != nil {
		return nil, err
	}
	for number := range 1 << 14 {
		x, y := 64+(number+os.Getpid())>>8&63, (number+os.Getpid())&255
		g := &ground{dir: filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-%d", plainPrefix, x, y))}
		if err := os.Mkdir(g.dir, 0o700); errors.Is(err, os.ErrExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		var err error
		if g.lock, err = locked(g.dir, os.O_CREATE|os.O_RDWR); err != nil {
			return nil, errors.Join(err, os.RemoveAll(g.dir))
		}
		for id := 1; id <= nodes; id++ {
			g.addrs = append(g.addrs, fmt.Sprintf("127.%d.%d.%d", x, y, id))
		}
		return g, nil
	}
	return nil, errors.New("every block of loopback addresses is in use")
}

// locked opens the lock of a folder and holds it.
func locked(dir string, flags int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// removeLeft removes the folders of runs that were killed: those whose lock nobody holds.
// The kernel ended their processes.
func removeLeft() error {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		dir := filepath.Join(os.TempDir(), entry.Name())
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), plainPrefix) {
			continue
		}
		if lock, err := locked(dir, os.O_RDWR); err == nil {
			os.RemoveAll(dir)
			lock.Close()
		}
	}
	return nil
}
