package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/campaign"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// kept is the folder of a campaign of 16 schedules that breaks properties.
func kept(t *testing.T) string {
	systems := sabotage.Systems(reference.System{})
	at := slices.IndexFunc(systems, func(s raft.System) bool { return s.Name() == "reference+send-before-persist" })
	path := filepath.Join(t.TempDir(), "campaign")
	asked := campaign.NewAsked(systems[at].Name(), "swarm", 5)
	asked.Block = 8
	folder, err := campaign.Create(path, asked)
	require.NoError(t, err)
	runner := trial.NewRunner(systems[at], services.All())
	keeper, err := folder.Start(campaign.Plan{Shard: 1, Shards: 1, Limit: 16}, runner, "build")
	require.NoError(t, err)
	c := fuzz.Campaign{
		System: systems[at], Services: services.All(), Profile: generate.Swarm, Seed: asked.Seed,
		Schedules: 16, Workers: 1, Take: keeper.Take,
		Keep: func(n int, r *trial.Result, s *faults.Schedule) { keeper.Keep(t.Context(), n, r, s) },
	}
	_, err = c.Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, keeper.Close())
	return path
}

// get is the answer to a request for metrics.
func get(t *testing.T, path string) *httptest.ResponseRecorder {
	folders, err := open([]string{path})
	require.NoError(t, err)
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.Header.Set("Accept", "application/openmetrics-text")
	w := httptest.NewRecorder()
	handler(folders).ServeHTTP(w, r)
	return w
}

// TestMetrics: the counts are those of the folder, in OpenMetrics text.
func TestMetrics(t *testing.T) {
	path := kept(t)
	w := get(t, path)
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Header().Get("Content-Type"), "application/openmetrics-text")
	text := w.Body.String()
	for _, want := range []string{
		`raftcheck_campaign_schedules_total{campaign="campaign"} 16.0`,
		`raftcheck_campaign_verdicts_total{campaign="campaign",outcome="held",property="ElectionSafety"} 16.0`,
		`raftcheck_campaign_findings{campaign="campaign",property="Durability"} `,
		`raftcheck_campaign_goal_schedules_total{campaign="campaign",goal="`,
		`raftcheck_campaign_states{campaign="campaign"} `, "# EOF\n",
	} {
		require.Contains(t, text, want)
	}
	require.NotRegexp(t, `findings{.*Durability.*} 0`, text)
}

// TestMetrics_damaged: a folder that cannot be read is an error of the request.
func TestMetrics_damaged(t *testing.T) {
	path := kept(t)
	files, err := filepath.Glob(filepath.Join(path, "done", "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.NoError(t, os.WriteFile(files[0], []byte("{\"done\": 7}\n"), 0o644))
	w := get(t, path)
	require.Equal(t, 500, w.Code)
	require.Contains(t, w.Body.String(), filepath.Base(files[0]))
}

// TestOpen_wrong: folders that are none, or of one name, and addresses beyond loopback are
// errors.
func TestOpen_wrong(t *testing.T) {
	path := kept(t)
	for want, paths := range map[string][]string{
		"found none":                        nil,
		"expected the folder of a campaign": {filepath.Join(path, "done")},
		"found two of":                      {path, path},
	} {
		_, err := open(paths)
		require.ErrorContains(t, err, want)
	}
	for _, address := range []string{"192.0.2.1:80", ":80", "127.0.0.1", ""} {
		_, err := listen(address)
		require.ErrorContains(t, err, "expected -listen with an address of loopback", address)
	}
}
