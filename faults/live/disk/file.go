package disk

import (
	"context"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// inode is a file or folder that passes everything through.
type inode struct {
	*fusefs.LoopbackNode
	disk *Disk
}

// WrapChild makes the file or folder below this one pass through the disk, too.
func (n *inode) WrapChild(_ context.Context, child fusefs.InodeEmbedder) fusefs.InodeEmbedder {
	return &inode{child.(*fusefs.LoopbackNode), n.disk}
}

// passed is what an open file passes through without a look.
type passed interface {
	fusefs.FileReader
	fusefs.FileFlusher
	fusefs.FileReleaser
	fusefs.FileGetattrer
	fusefs.FileSetattrer
	fusefs.FileAllocater
	fusefs.FileLseeker
}

// file is an open file, whose writes have an undo log.
type file struct {
	passed
	fd    int
	inode uint64
	disk  *Disk
}

func (n *inode) path(name ...string) string {
	return filepath.Join(append([]string{n.disk.backing, n.Path(n.Root())}, name...)...)
}

// open opens a file so that its old bytes can be read, too.
func (n *inode) open(path string, flags, mode uint32) (*file, syscall.Errno) {
	if flags&syscall.O_ACCMODE == syscall.O_WRONLY {
		flags = flags&^syscall.O_ACCMODE | syscall.O_RDWR
	}
	fd, err := syscall.Open(path, int(flags&^syscall.O_APPEND)|syscall.O_CLOEXEC, mode)
	if err != nil {
		return nil, fusefs.ToErrno(err)
	}
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		syscall.Close(fd)
		return nil, fusefs.ToErrno(err)
	}
	return &file{fusefs.NewLoopbackFile(fd).(passed), fd, st.Ino, n.disk}, 0
}

// Open opens a file.
func (n *inode) Open(_ context.Context, flags uint32) (fusefs.FileHandle, uint32, syscall.Errno) {
	f, errno := n.open(n.path(), flags, 0)
	if errno != 0 {
		return nil, 0, errno
	}
	return f, 0, 0
}

// Create creates a file and opens it.
func (n *inode) Create(
	ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut,
) (*fusefs.Inode, fusefs.FileHandle, uint32, syscall.Errno) {
	if n.disk.full.Load() {
		return nil, nil, 0, syscall.ENOSPC
	}
	f, errno := n.open(n.path(name), flags|syscall.O_CREAT, mode)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	child, errno := n.Lookup(ctx, name, out)
	return child, f, 0, errno
}

// Write writes, and notes how to undo it.
func (f *file) Write(_ context.Context, data []byte, offset int64) (uint32, syscall.Errno) {
	switch errno := f.disk.error.Load(); {
	case errno != 0:
		return 0, syscall.Errno(errno)
	case f.disk.full.Load():
		return 0, syscall.ENOSPC
	}
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	var st syscall.Stat_t
	if err := syscall.Fstat(f.fd, &st); err != nil {
		return 0, fusefs.ToErrno(err)
	}
	c := change{size: st.Size, offset: offset}
	if offset < st.Size {
		c.old = make([]byte, min(int64(len(data)), st.Size-offset))
		n, err := syscall.Pread(f.fd, c.old, offset)
		if err != nil {
			return 0, fusefs.ToErrno(err)
		}
		c.old = c.old[:n]
	}
	n, err := syscall.Pwrite(f.fd, data, offset)
	if err != nil {
		return 0, fusefs.ToErrno(err)
	}
	log := f.disk.log(f.inode)
	log.changes = append(log.changes, c)
	return uint32(n), 0
}

// Fsync makes the writes before it durable: it forgets how to undo them. Nothing is
// synced below, because the machine itself loses no power.
func (f *file) Fsync(context.Context, uint32) syscall.Errno {
	d := f.disk
	d.mu.Lock()
	log := d.log(f.inode)
	durable := log.synced + len(log.changes)
	d.mu.Unlock()
	d.waitStall()
	if by := d.slowness.Load(); by > 0 {
		time.Sleep(time.Duration(by))
	}
	switch errno := d.error.Load(); {
	case errno != 0:
		return syscall.Errno(errno)
	case d.dead.Load():
		return syscall.EIO
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if more := durable - log.synced; more > 0 { // otherwise a later fsync was faster
		log.changes, log.synced = slices.Clone(log.changes[more:]), durable
	}
	d.syncs.Add(1)
	return 0
}
