package command

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

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
		ended <- run(ctx, []string{"play", "-system", "reference+read-at-once", "put.txt"}, addressed{address}, io.Discard)
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
