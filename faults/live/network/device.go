package network

import (
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// deviceName is the name of a node's device in its namespace.
const deviceName = "raft0"

// mtu is the largest packet; larger ones cost fewer system calls.
const mtu = 9000

// device makes the TUN device of a node in the namespace of this thread, and brings it
// and the loopback device up.
func device(id int) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	err = request(fd, deviceName, unix.TUNSETIFF, func(r *unix.Ifreq) error {
		r.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		return nil
	})
	if err == nil {
		err = configure(id)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), deviceName), nil
}

// configure sets the address of a node and brings its devices up.
func configure(id int) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(socket)
	address := netip.AddrFrom4([4]byte{10, 77, 0, host(id)})
	up := func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }
	for _, step := range []struct {
		name string
		code uint
		fill func(*unix.Ifreq) error
	}{
		{deviceName, unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(address.AsSlice()) }},
		{deviceName, unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr([]byte{255, 255, 255, 0}) }},
		{deviceName, unix.SIOCSIFMTU, func(r *unix.Ifreq) error { r.SetUint32(mtu); return nil }},
		{deviceName, unix.SIOCSIFFLAGS, up},
		{"lo", unix.SIOCSIFFLAGS, up},
	} {
		if err := request(socket, step.name, step.code, step.fill); err != nil {
			return err
		}
	}
	return nil
}

// request makes one request about a device.
func request(fd int, name string, code uint, fill func(*unix.Ifreq) error) error {
	r, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := fill(r); err != nil {
		return err
	}
	return os.NewSyscallError("ioctl of "+name, unix.IoctlIfreq(fd, code, r))
}
