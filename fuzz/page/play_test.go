package page

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// player returns a player that begins with no events.
func player(t *testing.T) *Player {
	return &Player{
		System: reference.System{}, Services: services.All(),
		Schedule: fixture.Written(t, "nodes 3\n", "tick 1\n"), Title: "play", Token: "token", Folder: t.TempDir(),
	}
}

// ask sends a request to a player on the loopback.
func ask(p *Player, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:1234"
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

const elected = "system reference\nnodes  3\nrand   1\n\ntimeout 1\npersist 1\n" +
	"deliver 1->2\npersist 2\ndeliver 2->1\n"

// TestPlayer_run: the schedule is carried out, and each event that is listed as enabled
// is not ignored when it is played next.
func TestPlayer_run(t *testing.T) {
	p := player(t)
	w := ask(p, "POST", "/token/run", elected)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var run Run
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &run))
	require.EqualValues(t, 3, rebuild(&run)[1].fields[fieldRole])
	require.Contains(t, run.Enabled, "deliver 1->3")
	require.Greater(t, len(run.Enabled), 50)
	for _, line := range run.Enabled {
		s, err := faults.Parse("next", []byte(elected+line+"\n"), services.All())
		require.NoError(t, err, line)
		next, _ := Record(p.System, p.Services, s, "next")
		require.False(t, next.Steps[len(next.Steps)-1].Ignored, line)
	}
}

// TestPlayer_errors: text that is no schedule of the system is an error that says why.
func TestPlayer_errors(t *testing.T) {
	for text, want := range map[string]string{
		elected + "fly 1\n": "schedule:10:",
		strings.Replace(elected, "reference", "other", 1): "expected a schedule of reference, found one of other",
		strings.Repeat("#", faults.MaxFileBytes+1):        "too large",
	} {
		w := ask(player(t), "POST", "/token/run", text)
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Body.String(), `{"error":"`)
		require.Contains(t, w.Body.String(), want)
	}
}

// TestPlayer_isPrivate: without the token, or under the name of another host, nothing is served.
func TestPlayer_isPrivate(t *testing.T) {
	p := player(t)
	require.Equal(t, http.StatusOK, ask(p, "GET", "/token/", "").Code)
	for _, path := range []string{"/", "/other/", "/tokens/", "/token/x", "//token/"} {
		require.Equal(t, http.StatusNotFound, ask(p, "GET", path, "").Code, path)
	}
	for host, want := range map[string]int{
		"example.com:80": 404, "127.0.0.1.example.com:80": 404, "10.0.0.1:80": 404, "127.0.0.1": 404,
		"localhost:80": 200, "[::1]:80": 200,
	} {
		r := httptest.NewRequest("GET", "/token/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
	}
}

// TestPlayer_page: the page plays, and its policy lets it talk to its server alone.
func TestPlayer_page(t *testing.T) {
	page := ask(player(t), "GET", "/token/", "").Body.String()
	require.Contains(t, page, `<body data-play="yes">`)
	require.Contains(t, page, "connect-src 'self'")
	require.Contains(t, page, "tick 1\n</pre>")
}

// TestPlayer_save: the file is a schedule with its verdicts. A folder that is not there is
// an error.
func TestPlayer_save(t *testing.T) {
	p := player(t)
	w := ask(p, "POST", "/token/save", elected)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var saved struct{ File string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &saved))
	s, err := trial.ReadSchedule(filepath.Join(p.Folder, saved.File), services.All())
	require.NoError(t, err)
	require.Equal(t, []string{"held"}, s.Golden)
	require.Len(t, s.Events, 5)
	require.NoError(t, os.RemoveAll(p.Folder))
	require.Contains(t, ask(p, "POST", "/token/save", elected).Body.String(), `{"error":"`)
}

// TestPlayer_slowBody: a request that is still being sent keeps no other one waiting.
func TestPlayer_slowBody(t *testing.T) {
	p := player(t)
	body, sender := io.Pipe()
	slow := httptest.NewRequest("POST", "/token/run", body)
	slow.Host = "localhost:80"
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.ServeHTTP(httptest.NewRecorder(), slow)
	}()
	_, err := sender.Write([]byte("system")) // returns when the request is being read
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, ask(p, "GET", "/token/", "").Code)
	require.NoError(t, sender.Close())
	<-ended
}
