package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// follower is a program that only follows, and dies when its election timer fires.
const follower = `read hello
echo '{"protocol":1,"name":"follower","readless":"nothing is ever read"}'
while read question; do
	case $question in
	*'"boot"'*) echo '{"status":{"role":"follower","voters":[1,2,3]},"log":{"from":1,"entries":[]}}' ;;
	*timeout*) exit 3 ;;
	*) echo '{}' ;;
	esac
done
`

// addressed is a writer that passes on the address that play prints.
type addressed struct{ to chan string }

func (a addressed) Write(b []byte) (int, error) {
	if address := regexp.MustCompile(`http://\S+`).Find(b); address != nil {
		a.to <- string(address)
	}
	return len(b), nil
}

// TestPlay serves its page on the loopback, under the address that it prints, until it is
// interrupted.
func TestPlay(t *testing.T) {
	here(t, "put.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 1\nsettle\n")
	ctx, cancel := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan int, 1)
	go func() {
		args := []string{"play", "-system", "reference+read-at-once", "put.txt"}
		ended <- run(ctx, args, addressed{address}, io.Discard)
	}()
	url := <-address
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/[A-Z2-7]{26}/$`, url)
	answer, err := http.Get(url)
	require.NoError(t, err)
	page, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Contains(t, string(page), "system reference&#43;read-at-once")
	cancel()
	require.Equal(t, exitHeld, <-ended)
}

// playing starts play, and returns the address of its page. The cleanup interrupts it.
func playing(t *testing.T, args ...string) (url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	address, ended := make(chan string, 1), make(chan int, 1)
	go func() { ended <- run(ctx, append([]string{"play"}, args...), addressed{address}, os.Stderr) }()
	t.Cleanup(func() {
		cancel()
		require.Equal(t, exitHeld, <-ended)
	})
	return <-address
}

// carriedOut is the answer of the page at an address to a schedule.
func carriedOut(t *testing.T, url, schedule string) (answer struct {
	Error, Outcome string
	Lines, Enabled []string
}) {
	t.Helper()
	r, err := http.Post(url+"run", "text/plain", strings.NewReader(schedule))
	require.NoError(t, err)
	defer r.Body.Close()
	require.NoError(t, json.NewDecoder(r.Body).Decode(&answer))
	return answer
}

// TestPlay_everySystem: any system of the program can be played.
func TestPlay_everySystem(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, s := range systems {
		url := playing(t, "-system", s.Name())
		answer := carriedOut(t, url, "system "+s.Name()+"\nnodes 3\nrand 1\n\ntimeout 1\n")
		require.Empty(t, answer.Error)
		require.Contains(t, answer.Enabled, "timeout 2", s.Name())
	}
}

// TestPlay_exec: a program behind a pipe is played, judged, and reported if it does not
// start any more.
func TestPlay_exec(t *testing.T) {
	here(t, "follower", follower)
	url := playing(t, "-exec", "sh ./follower")
	const events = "system follower\nnodes 3\nrand 1\n\ntick 1\n"
	answer := carriedOut(t, url, events)
	require.Equal(t, "held", answer.Outcome, answer)
	require.Contains(t, answer.Enabled, "timeout 2")
	answer = carriedOut(t, url, events+"timeout 2\n")
	require.Equal(t, "violated", answer.Outcome)
	require.Contains(t, answer.Lines[0], "violated NoPanic after event 2: n2 panicked: its program ended")
	require.NoError(t, os.Remove("follower"))
	answer = carriedOut(t, url, events+"timeout 2\nrestart 2\n")
	require.Contains(t, answer.Error, `-exec "sh ./follower": to hello: its program ended: exit status`)
}

// TestPlay_wrong: a command line that is wrong says so, and nothing is served.
func TestPlay_wrong(t *testing.T) {
	here(t, "put.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 1\n")
	for want, args := range map[string][]string{
		`no system "x"`:                            {"-system", "x"},
		`no service "x"`:                           {"-service", "x"},
		"expected -nodes from 1 to 9, found 10":    {"-nodes", "10"},
		"expected one FILE, found 2: put.txt a":    {"put.txt", "a"},
		"open none.txt: no such file or directory": {"none.txt"},
	} {
		var errs bytes.Buffer
		code := run(t.Context(), append([]string{"play"}, args...), io.Discard, &errs)
		require.Equal(t, exitNotChecked, code, want)
		require.Contains(t, errs.String(), want)
	}
}
