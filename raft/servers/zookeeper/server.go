package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"raftcheck/faults"
	"raftcheck/faults/live"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// Server is Debian's ZooKeeper.
type Server struct {
	// Unsynced leaves out the sync before each read.
	Unsynced bool
}

var _ live.Server = Server{}

// classes are the program as Debian installs it, and a logger that prints.
const classes = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"

// The ports of a node, at its own address.
const (
	clientPort   = "2181"
	peerPort     = "2888"
	electionPort = "3888"
)

// tick is ZooKeeper's own tick, which its timeouts are multiples of.
const tick = 100 * time.Millisecond

// Name is that of Debian's release.
func (s Server) Name() string {
	if s.Unsynced {
		return "zookeeper-debian+unsynced"
	}
	return "zookeeper-debian"
}

// Services are those of the house that ZooKeeper's clients can offer.
func (s Server) Services() service.Set {
	return service.Set{kv.Service{}, election.Service{}, election.Service{Trusting: true}}
}

// BootTime is many times what a cluster takes: each node is a Java machine.
func (s Server) BootTime() time.Duration { return 2 * time.Minute }

var versionLine = regexp.MustCompile(`version (\d[0-9.]*)`)

// Prepare asks the program for its version.
func (s Server) Prepare(ctx context.Context) (version string, err error) {
	output, err := exec.CommandContext(ctx, "java", "-cp", classes,
		"org.apache.zookeeper.version.VersionInfoMain").CombinedOutput()
	found := versionLine.FindSubmatch(output)
	if err != nil || found == nil {
		return "", fmt.Errorf("expected ZooKeeper and Java, found %.200q: apt-get install zookeeper: %w", output, err)
	}
	return "ZooKeeper " + string(found[1]), nil
}

// Command starts a node, after it wrote the node's settings.
func (s Server) Command(n live.Node) (*exec.Cmd, error) {
	config := fmt.Sprintf("tickTime=%d\ninitLimit=50\nsyncLimit=10\nmaxClientCnxns=0\nmaxSessionTimeout=60000\n"+
		"dataDir=%s\nclientPort=%s\nclientPortAddress=%s\nadmin.enableServer=false\n4lw.commands.whitelist=*\n",
		tick.Milliseconds(), n.Dir, clientPort, n.Addr)
	for i, addr := range n.Addrs {
		config += fmt.Sprintf("server.%d=%s:%s:%s\n", i+1, addr, peerPort, electionPort)
	}
	files := map[string]string{"zoo.cfg": config, "myid": strconv.Itoa(n.ID)}
	err := os.MkdirAll(n.Dir, 0o755)
	for name, text := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(n.Dir, name), []byte(text), 0o644))
	}
	return exec.Command("java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
		"-cp", classes, "-Dorg.slf4j.simpleLogger.showDateTime=true",
		"-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", filepath.Join(n.Dir, "zoo.cfg")), err
}

// word asks a node one of ZooKeeper's words of four letters.
func word(ctx context.Context, n live.Node, text string) (string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", n.Addr+":"+clientPort)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		return "", err
	}
	const most = 1 << 20
	answer, err := io.ReadAll(io.LimitReader(conn, most))
	return string(answer), err
}

// field is a line of an answer after its name.
func field(answer, name string) string {
	for line := range strings.Lines(answer) {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Status asks a node who leads. Its term is the epoch, the upper half of a transaction's number.
func (s Server) Status(ctx context.Context, n live.Node) (live.Status, error) {
	answer, err := word(ctx, n, "srvr")
	if err != nil {
		return live.Status{}, err
	}
	zxid, err := strconv.ParseUint(field(answer, "Zxid"), 0, 64)
	if err != nil {
		return live.Status{}, fmt.Errorf("expected the state of a server, found %.80q", answer)
	}
	return live.Status{Leads: field(answer, "Mode") == "leader", Term: zxid >> 32, Applied: zxid}, nil
}

// Serves syncs with the leader and reads, at a node.
func (s Server) Serves(ctx context.Context, n live.Node) error {
	conn, err := connect(n, time.Second, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	return within(ctx, func() error {
		if _, err := conn.Sync("/"); err != nil {
			return err
		}
		_, _, err := conn.Get("/")
		return err
	})
}

// State is the contents of every key below the root, read at the node itself.
func (s Server) State(ctx context.Context, n live.Node) (state live.State, err error) {
	conn, err := connect(n, time.Second, nil)
	if err != nil {
		return state, err
	}
	defer conn.Close()
	err = within(ctx, func() error {
		names, _, err := conn.Children("/")
		slices.Sort(names)
		for _, name := range names {
			data, stat, getting := conn.Get("/" + name)
			if getting != nil {
				return getting
			}
			if stat.EphemeralOwner == 0 && name != "zookeeper" {
				state.Hash += fmt.Sprintf("%s=%s@%x ", name, data, stat.Mzxid)
				state.Revision = max(state.Revision, stat.Mzxid)
			}
		}
		return err
	})
	return state, err
}

// connect opens a session at one node.
func connect(n live.Node, timeout time.Duration, dial zk.Dialer) (*zk.Conn, error) {
	if dial == nil {
		dial = net.DialTimeout
	}
	conn, _, err := zk.Connect([]string{n.Addr + ":" + clientPort}, timeout, zk.WithLogger(silent{}), zk.WithDialer(dial))
	return conn, err
}

// silent is a logger that prints nothing.
type silent struct{}

func (silent) Printf(string, ...any) {}

// within calls f, and waits for its end until ctx ends.
func within(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dial returns a client.
func (s Server) Dial(c live.Config) live.Client {
	return &client{
		config: c, unsynced: s.Unsynced, sessions: map[int]*zk.Conn{}, held: map[string]*leadership{},
	}
}

// sessionTimeout is that of clients of the key-value store.
const sessionTimeout = 2 * time.Second

// Leaves has the crashes of machines: ZooKeeper does not sync its first snapshot, and does
// not start without it after a loss of power.
func (s Server) Leaves() []faults.EventKind { return []faults.EventKind{faults.Crash} }
