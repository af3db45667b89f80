// Package disk is a node's disk: a file system in user space (FUSE) that passes everything
// through to a folder, and can lose power, hang, fail, and be full.
//
// Each file has an undo log of the writes since its last fsync. [Disk.CutPower] undoes
// them, so that a power cut loses exactly the writes that were not synced. A file's
// creation, its name, its length by truncate or fallocate and its removal are durable at
// once, which real disks do not promise.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Disk is a mounted disk. Its methods may be called side by side.
type Disk struct {
	dir, backing string
	server       *fuse.Server

	slowness atomic.Int64 // that every fsync takes, in nanoseconds
	error    atomic.Int32 // a syscall.Errno of every write and fsync; 0 for none
	full     atomic.Bool  // there is no room for a write or a new file
	dead     atomic.Bool  // the power is off: nothing becomes durable any more
	stall    sync.RWMutex // held while fsyncs hang
	stalled  atomic.Bool
	syncs    atomic.Int64

	mu   sync.Mutex
	undo map[uint64]*undoLog // by the file's inode
}

// undoLog has the changes of a file that were not synced, in order.
type undoLog struct {
	synced  int // how many changes before these were synced
	changes []change
}

// change undoes one write.
type change struct {
	size   int64 // of the file before it
	offset int64
	old    []byte // of the bytes that were there
}

// Mount mounts an empty disk at a folder that it creates.
func Mount(dir string) (*Disk, error) {
	d := &Disk{dir: dir, backing: dir + ".disk", undo: map[uint64]*undoLog{}}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.MkdirAll(d.backing, 0o755)); err != nil {
		return nil, err
	}
	var st syscall.Stat_t
	if err := syscall.Stat(d.backing, &st); err != nil {
		return nil, err
	}
	root := &fusefs.LoopbackRoot{Path: d.backing, Dev: uint64(st.Dev)}
	root.RootNode = &inode{&fusefs.LoopbackNode{RootData: root}, d}
	at := time.Duration(0)
	err := unshared(func() (err error) {
		d.server, err = fusefs.Mount(dir, root.RootNode, &fusefs.Options{
			AttrTimeout: &at, EntryTimeout: &at,
			MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "raftcheck", DisableXAttrs: true},
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("a disk at %s: %w", dir, err)
	}
	return d, nil
}

// unshared mounts a disk so that no process started by this one inherits the descriptor of
// its device, which go-fuse leaves open across exec. A server with that descriptor would keep
// its own disk connected after this process ends, and would wait for it for ever as it dies.
func unshared(mount func() error) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := mount(); err != nil {
		return err
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, entry := range open {
		if to, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && to == "/dev/fuse" {
			fd, err := strconv.Atoi(entry.Name())
			if err != nil {
				return err
			}
			syscall.CloseOnExec(fd)
		}
	}
	return nil
}

// Stall makes every fsync hang, until Unstall. It reports whether none hung before.
func (d *Disk) Stall() bool {
	if d.stalled.Swap(true) {
		return false
	}
	d.stall.Lock()
	return true
}

// Unstall ends a Stall, and reports whether there was one.
func (d *Disk) Unstall() bool {
	if !d.stalled.Swap(false) {
		return false
	}
	d.stall.Unlock()
	return true
}

// Stalled reports whether fsyncs hang.
func (d *Disk) Stalled() bool { return d.stalled.Load() }

// Failing reports whether every write and fsync fails.
func (d *Disk) Failing() bool { return d.error.Load() != 0 }

// waitStall waits while fsyncs hang.
func (d *Disk) waitStall() {
	d.stall.RLock()
	defer d.stall.RUnlock()
}

// Slow makes every fsync take so long.
func (d *Disk) Slow(by time.Duration) { d.slowness.Store(int64(by)) }

// Fill makes every write and every new file fail with ENOSPC, and reports whether there was
// room before.
func (d *Disk) Fill() bool { return !d.full.Swap(true) }

// Free ends a Fill, and reports whether there was one.
func (d *Disk) Free() bool { return d.full.Swap(false) }

// Fail makes every write and fsync fail with an error, such as EIO; 0 ends it.
func (d *Disk) Fail(errno syscall.Errno) { d.error.Store(int32(errno)) }

// Die makes no fsync durable any more. An exact power cut is: stop the process, Die, kill
// the process, CutPower. Otherwise the fsyncs under way would end before the process.
func (d *Disk) Die() { d.dead.Store(true) }

// log is the undo log of a file.
func (d *Disk) log(inode uint64) *undoLog {
	if d.undo[inode] == nil {
		d.undo[inode] = &undoLog{}
	}
	return d.undo[inode]
}

// CutPower undoes every write that was not synced, and returns how many there were. The
// process that uses the disk must be gone.
func (d *Disk) CutPower() (lost int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.dead.Store(false)
	err = filepath.WalkDir(d.backing, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		log := d.undo[info.Sys().(*syscall.Stat_t).Ino]
		if log == nil {
			return nil
		}
		lost += len(log.changes)
		return revert(path, log.changes)
	})
	clear(d.undo)
	return lost, err
}

// revert undoes changes of a file, the latest first.
func revert(path string, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for i := len(changes) - 1; i >= 0; i-- {
		c := &changes[i]
		if _, err := f.WriteAt(c.old, c.offset); err != nil {
			return err
		}
		if err := f.Truncate(c.size); err != nil {
			return err
		}
	}
	return nil
}

// Wipe empties the disk. The process that uses it must be gone.
func (d *Disk) Wipe() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.undo)
	entries, err := os.ReadDir(d.backing)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(d.backing, entry.Name())))
	}
	return err
}

// Syncs is how many fsyncs were durable.
func (d *Disk) Syncs() int64 { return d.syncs.Load() }

// Close unmounts the disk. The process that uses it must be gone.
func (d *Disk) Close() error {
	d.Unstall()
	return errors.Join(d.server.Unmount(), os.RemoveAll(d.dir), os.RemoveAll(d.backing))
}
