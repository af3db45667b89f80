package record_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/foreign"
	"raftcheck/linearizability/model"
	"raftcheck/linearizability/record"
	"raftcheck/models/election"
)

// failure is a test that records instead of failing.
type failure struct {
	testing.TB
	name   string
	errors []string
	logs   []string
}

func (f *failure) Helper()                 {}
func (f *failure) Name() string            { return f.name }
func (f *failure) Logf(s string, a ...any) { f.logs = append(f.logs, fmt.Sprintf(s, a...)) }

func (f *failure) Errorf(s string, a ...any) { f.errors = append(f.errors, fmt.Sprintf(s, a...)) }

func register(t *testing.T) linearizability.Spec {
	spec, ok := model.Named("cas-register", model.Nil)
	require.True(t, ok)
	return spec
}

// store is a register; a broken one reads the value from the beginning.
type store struct {
	mu     sync.Mutex
	value  string
	broken bool
}

func (s *store) write(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = value
}

func (s *store) read() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return model.Nil
	}
	return s.value
}

// use lets clients write values of their own and read, side by side.
func use(r *record.Recorder, s *store) {
	const clients, rounds = 8, 50
	var all sync.WaitGroup
	for n := range clients {
		client := r.Client()
		all.Go(func() {
			for i := range rounds {
				value := strconv.Itoa(n*rounds + i)
				call := client.Call("x", "write "+value)
				s.write(value)
				runtime.Gosched()
				if i%10 == 9 {
					call.Unknown()
				} else {
					call.Return("ok")
				}
				call = client.Call("x", "read")
				call.Return(s.read())
			}
		})
	}
	all.Wait()
}

func TestVerify_held(t *testing.T) {
	t.Chdir(t.TempDir())
	var r record.Recorder
	use(&r, &store{value: model.Nil})
	h, err := r.History()
	require.NoError(t, err)
	require.Len(t, h, 800)
	require.NoError(t, h.Validate())
	record.Verify(t, register(t), &r)
	require.NoDirExists(t, record.Folder, "nothing failed")
}

// TestVerify_violated: the history is written so that it is judged alike.
func TestVerify_violated(t *testing.T) {
	t.Chdir(t.TempDir())
	var r record.Recorder
	use(&r, &store{value: model.Nil, broken: true})
	f := &failure{name: "TestStore/one"}
	record.Verify(f, register(t), &r)
	require.Len(t, f.errors, 1)
	require.Regexp(t, `^not-linearizable: key x: it was nil at the beginning, then c\d wrote \d+ .*, `+
		`then c\d read nil `, f.errors[0])
	require.Len(t, f.logs, 2)
	require.FileExists(t, "testdata/histories/TestStore-one.html")
	text, err := os.ReadFile("testdata/histories/TestStore-one.txt")
	require.NoError(t, err)
	read, err := foreign.Read("one", text, foreign.Options{})
	require.NoError(t, err)
	h, _ := r.History()
	for i := range h {
		if h[i].Pending() {
			require.Empty(t, h[i].Output)
		}
	}
	require.Equal(t, h, read.History)
	require.Equal(t, "cas-register", read.Model)
	require.Equal(t, linearizability.NotLinearizable, linearizability.Check(register(t), read.History).Outcome)
}

// TestVerify_election: answers name their clients, and any specification judges them.
func TestVerify_election(t *testing.T) {
	t.Chdir(t.TempDir())
	var r record.Recorder
	campaign := func(token, now uint64) {
		c := r.Client()
		c.Call("db", "campaign 20").Return(election.Answer{Verdict: election.Granted,
			Client: uint32(c.Number()), Token: token, Until: now + 20, Now: now}.String())
	}
	campaign(1, 10)
	campaign(2, 30)
	record.Verify(t, election.Spec(), &r)
	campaign(3, 40)
	f := &failure{name: "TestElection"}
	record.Verify(f, election.Spec(), &r)
	require.Len(t, f.errors, 1)
	text, err := os.ReadFile("testdata/histories/TestElection.txt")
	require.NoError(t, err)
	require.Equal(t, "# Clients of TestElection.\nmodel election\n\n"+
		"c1 1..2 db campaign 20 -> token-1-until-30-at-10-for-c1\n"+
		"c2 3..4 db campaign 20 -> token-2-until-50-at-30-for-c2\n"+
		"c3 5..6 db campaign 20 -> token-3-until-60-at-40-for-c3\n", string(text))
}

// TestVerify_wrongWords: words that the specification does not have are no pass, and
// a history that cannot be written is drawn all the same.
func TestVerify_wrongWords(t *testing.T) {
	t.Chdir(t.TempDir())
	var r record.Recorder
	r.Client().Call("a key", "write").Return("ok")
	f := &failure{name: "TestWords"}
	record.Verify(f, register(t), &r)
	require.Len(t, f.errors, 2)
	require.Contains(t, f.errors[1], "expected a key of letters")
	require.NoFileExists(t, "testdata/histories/TestWords.txt")
	require.FileExists(t, "testdata/histories/TestWords.html")
}

// TestVerify_notChecked: a history that no verdict is on fails the test too.
func TestVerify_notChecked(t *testing.T) {
	t.Chdir(t.TempDir())
	var r record.Recorder
	r.Client().Call("x", "read").Return("nil")
	f := &failure{name: "TestNotChecked"}
	record.Verify(f, linearizability.Spec{Name: "none"}, &r)
	require.NotEmpty(t, f.errors)
	require.Contains(t, f.errors[0], "not-checked: ")
	require.FileExists(t, "testdata/histories/TestNotChecked.txt")
}

// TestVerify_misuse: a client that calls twice at once, or ends a call twice, is an error.
func TestVerify_misuse(t *testing.T) {
	for want, use := range map[string]func(*record.Client){
		"c1 calls x read while it waits for x write 1": func(c *record.Client) {
			c.Call("x", "write 1")
			c.Call("x", "read").Return("nil")
		},
		"c1 ends x read a second time": func(c *record.Client) {
			call := c.Call("x", "read")
			call.Return("nil")
			call.Return("nil")
		},
		"c1 ends x write 1 a second time, or after its next call": func(c *record.Client) {
			call := c.Call("x", "write 1")
			call.Unknown()
			next := c.Call("x", "read")
			call.Return("ok")
			next.Return("nil")
		},
	} {
		var r record.Recorder
		use(r.Client())
		f := &failure{name: "TestMisuse"}
		record.Verify(f, register(t), &r)
		require.Len(t, f.errors, 1)
		require.Contains(t, f.errors[0], want)
	}
}

// TestRecorder_ends: the outcome of a call is in the history.
func TestRecorder_ends(t *testing.T) {
	var r record.Recorder
	c := r.Client()
	c.Call("x", "write 1").Return("ok")
	c.Call("x", "write 2").Unknown()
	c.Call("x", "write 3").Failed()
	c.Call("x", "write 4")
	h, err := r.History()
	require.NoError(t, err)
	require.Equal(t, linearizability.History{
		{Client: 1, Key: "x", Input: "write 1", Output: "ok", Call: 1, Return: 2},
		{Client: 1, Key: "x", Input: "write 2", Call: 3, Return: linearizability.Pending},
		{Client: 1, Key: "x", Input: "write 4", Call: 7, Return: linearizability.Pending},
	}, h)
}

// Example records two clients of a register, one of which reads a value that was
// overwritten before. In a test, record.Verify does the work that follows History here.
func Example() {
	var recorder record.Recorder
	writer, reader := recorder.Client(), recorder.Client()

	writer.Call("x", "write 1").Return("ok")
	writer.Call("x", "write 2").Return("ok")
	reader.Call("x", "read").Return("1")

	history, err := recorder.History()
	if err != nil {
		fmt.Println(err)
		return
	}
	spec, _ := model.Named("register", model.Nil)
	result := linearizability.Check(spec, history)
	fmt.Println(result.Outcome)
	fmt.Println(model.Explain(spec, result.Key, history))
	// Output:
	// not-linearizable
	// key x: c1 wrote 1 (1..2), then c1 wrote 2 (3..4), then c2 read 1 (5..6); 1 was written once
}
