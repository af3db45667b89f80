package network_test

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/faults/live/network"
	"raftcheck/faults/live/sandbox"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv("ECHO"); addr != "" {
		echo(addr)
	}
	os.Exit(sandbox.Test(m.Run))
}

// echo answers every packet to an address. One that is the address of another node is
// passed on to that node, which answers the harness.
func echo(addr string) {
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		panic(err)
	}
	buffer := make([]byte, 100)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			panic(err)
		}
		text := string(buffer[:n])
		if to, err := net.ResolveUDPAddr("udp", text); err == nil {
			from, text = to, "passed on"
		} else if text == "passed on" {
			from, _ = net.ResolveUDPAddr("udp", os.Getenv("HARNESS"))
		}
		conn.WriteTo([]byte(text), from)
	}
}

const port = ":7000"

// cluster is a network of two nodes that echo, and the harness's socket.
func cluster(t *testing.T) (*network.Network, net.PacketConn) {
	t.Helper()
	n, err := network.New(2)
	require.NoError(t, err)
	t.Cleanup(n.Close)
	socket, err := net.ListenPacket("udp", n.Addr(0)+port)
	require.NoError(t, err)
	t.Cleanup(func() { socket.Close() })
	for id := 1; id <= 2; id++ {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "ECHO="+n.Addr(id)+port, "HARNESS="+n.Addr(0)+port)
		require.NoError(t, n.Start(id, cmd))
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		require.Eventually(t, func() bool { return ask(t, socket, n.Addr(id), "hello") == "hello" },
			5*time.Second, time.Millisecond)
	}
	return n, socket
}

// ask sends a packet to a node and returns the next packet that arrives, "" if none does soon.
func ask(t *testing.T, socket net.PacketConn, addr, text string) string {
	to, err := net.ResolveUDPAddr("udp", addr+port)
	require.NoError(t, err)
	if _, err = socket.WriteTo([]byte(text), to); err != nil {
		return ""
	}
	return next(socket)
}

// next is the next packet that arrives, "" if none does soon.
func next(socket net.PacketConn) string {
	socket.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	buffer := make([]byte, 100)
	size, _, err := socket.ReadFrom(buffer)
	if err != nil {
		return ""
	}
	return string(buffer[:size])
}

// TestNetwork_faults: node 1 passes packets on to node 2, which answers node 1. A cut is of
// one way and leaves the links of the harness alone.
func TestNetwork_faults(t *testing.T) {
	n, socket := cluster(t)
	via := func() bool { return ask(t, socket, n.Addr(1), n.Addr(2)+port) == "passed on" }
	require.True(t, via())
	n.Fault(1, 2, func(l *network.Link) { l.Cut = true })
	require.False(t, via())
	require.Equal(t, "still", ask(t, socket, n.Addr(1), "still"))
	n.Heal()
	require.True(t, via())
	n.Fault(1, 2, func(l *network.Link) { l.Delay = time.Minute })
	require.False(t, via())
	n.Heal()

	n.Fault(0, 1, func(l *network.Link) { l.Lossy = 3 })
	arrived := map[string]int{}
	for i := range 60 {
		arrived[ask(t, socket, n.Addr(1), strconv.Itoa(i))]++
	}
	for text := next(socket); text != ""; text = next(socket) { // those that are late
		arrived[text]++
	}
	copies := [4]int{}
	for i := range 60 {
		copies[min(arrived[strconv.Itoa(i)], 3)]++
	}
	require.Greater(t, copies[0], 2, "lost")
	require.Greater(t, copies[1], 2)
	require.Greater(t, copies[2], 2, "doubled")
}

// TestNetwork_otherAddressesOnly: packets leave for no other address.
func TestNetwork_otherAddressesOnly(t *testing.T) {
	n, _ := cluster(t)
	_, err := net.DialTimeout("tcp", "192.0.2.1:80", 20*time.Millisecond)
	require.Error(t, err, "no address but those of the run can be reached")
	require.Equal(t, "10.77.0.254", n.Addr(0))
}
