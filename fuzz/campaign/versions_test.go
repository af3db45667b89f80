package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSeenIn: a finding says which versions show it, in the order of their first runs, and when
// it came back. Builds of one commit are one version, unless the commit does not decide them.
func TestSeenIn(t *testing.T) {
	r := &Report{Tally: &Tally{Builds: map[string]int{
		"v1 aa": 100, "v1 ab": 100, "v2 ba": 300, "v3 ca": 500, "v4 da": 50, "v4+ db": 7,
	}}}
	for _, build := range []string{"v1 aa", "v2 ba", "v1 ab", "v3 ca", "idle", "v4 da", "v4+ db"} {
		r.Runs = append(r.Runs, Run{Build: build})
	}
	for want, builds := range map[string]map[string]int{
		"1 of 5 versions, last v2": {"v2 ba": 1},
		"2 of 5 versions, last v2": {"v1 ab": 3, "v2 ba": 1},
		"2 of 5 versions, last v4; back in v4 after 2 without it (800 schedules)": {"v1 aa": 1, "v4 da": 1},
		"3 of 5 versions, last v4+ db; back in v4 after 1 without it (500 schedules)": {
			"v2 ba": 1, "v4 da": 1, "v4+ db": 1},
	} {
		require.Equal(t, want, r.SeenIn(&Finding{Builds: builds}))
	}
	require.Equal(t, []Version{{"v1", 200, 2}, {"v2", 300, 0}, {"v3", 500, 0}, {"v4", 50, 0}, {"v4+ db", 7, 5}},
		r.Versions(&Finding{Builds: map[string]int{"v1 aa": 1, "v1 ab": 1, "v4+ db": 5}}))
	r.Tally.Builds, r.Runs = map[string]int{"v1 aa": 100, "v1 ab": 1}, nil
	require.Empty(t, r.SeenIn(&Finding{Builds: map[string]int{"v1 ab": 1}}), "one version")
}

func TestVersionOf(t *testing.T) {
	for build, want := range map[string]string{
		"c0ffee123456 ab": "c0ffee123456", "v1.2.3 ab": "v1.2.3",
		"c0ffee123456+ ab": "c0ffee123456+ ab", "(devel) ab": "(devel) ab", "unknown ab": "unknown ab", " ab": " ab",
	} {
		require.Equal(t, want, versionOf(build))
	}
}
