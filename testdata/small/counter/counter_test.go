package counter

import (
	"strings"
	"testing"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// crashes is a profile of nodes that crash and of logs that are compacted, whose clients
// count.
func crashes() generate.Profile {
	p := generate.Snapshots
	p.Name, p.Service = "counting", "counter"
	return p
}

// campaign runs random schedules whose clients use a counter.
func campaign(t *testing.T, s Service) *fuzz.Report {
	t.Helper()
	c := fuzz.Campaign{
		System: reference.System{}, Services: append(services.All(), s),
		Profile: crashes(), Seed: 1, Schedules: 200, Workers: 2,
	}
	report, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestCampaign counts runs as judged in which clients called the service, and no others.
func TestCampaign(t *testing.T) {
	report := campaign(t, Service{})
	for _, f := range report.Findings.InTurn() {
		t.Errorf("%s: %s\n%s", f.Property, f.Verdict, f.Schedule)
	}
	if held := report.Verdicts["Linearizability"].Held; held < 150 {
		t.Errorf("the clients called in %d of 200 runs", held)
	}
}

// TestCampaign_findsABug of the service's machine, and makes its schedule small.
func TestCampaign_findsABug(t *testing.T) {
	report := campaign(t, Service{Lossy: true})
	f := report.Findings.First("Linearizability")
	if f == nil {
		t.Fatalf("found %v", report.Verdicts)
	}
	restored := report.Findings.First("StateMachineSafety")
	if restored == nil || !strings.Contains(restored.Verdict, "restores another state after index ") {
		t.Errorf("nothing tells where the state was lost: %v", restored)
	}
	s, err := faults.Parse("found", []byte(f.Schedule.String()), append(services.All(), Service{}))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Shrunk || len(s.Events) > 20 || !strings.Contains(s.String(), "service counter\n") {
		t.Errorf("%s\n%s", f.Verdict, f.Schedule)
	}
}

// TestCampaign_withoutTheService is an error: nobody could call.
func TestCampaign_withoutTheService(t *testing.T) {
	c := fuzz.Campaign{
		System: reference.System{}, Services: services.All(), Profile: crashes(),
		Seed: 1, Schedules: 1, Workers: 1,
	}
	_, err := c.Run(t.Context())
	const want = "expected service counter, which profile counting needs"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got the error %v", err)
	}
}
