package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseEvent_errors(t *testing.T) {
	expected := func(usage, found string) string {
		return fmt.Sprintf("expected %q with nodes 1..3 and clients c1..c16, found %q", usage, found)
	}
	link := func(name, found string) string { return expected(name+" FROM->TO [k=0..10000]", found) }
	node := func(name, found string) string { return expected(name+" NODE", found) }
	cut := func(found string) string { return expected("cut NODES | NODES [| ...] or FROM->TO", found) }
	reconfigure := func(found string) string { return expected("reconfigure NODE to VOTERS [+ LEARNERS]", found) }
	call := func(found string) string { return expected("call cCLIENT NODE OPERATION", found) }
	ofNode := "expected follower, pre-candidate, candidate, leader, up, down, refused or wiped; term=N; " +
		"vote=NODE or vote=none; leader=NODE or leader=none; commit=N; applied=N; base=N, after which the log begins; " +
		"log=1..N, or log={TERMS} with the term of each entry; " +
		"config={VOTERS}, config={VOTERS}&{OUTGOING VOTERS} or config={VOTERS}+{LEARNERS}, found "
	ofCluster := "expected nodes of 1..3, or no-leader; leader=NODE, the only one that leads; " +
		"committed=N entries, which some node reported as committed, found "
	configuration := "expected config={VOTERS}, config={VOTERS}&{OUTGOING VOTERS} or config={VOTERS}+{LEARNERS}, found "
	tests := map[string]string{
		"":                               "expected an event, found an empty line",
		"explode 1":                      `expected an event such as "deliver 1->2", found "explode 1"`,
		"Timeout 1":                      `expected an event such as "deliver 1->2", found "Timeout 1"`,
		"timeout":                        node("timeout", "timeout"),
		"timeout 0":                      node("timeout", "timeout 0"),
		"timeout 4":                      node("timeout", "timeout 4"),
		"timeout 257":                    node("timeout", "timeout 257"),
		"timeout -1":                     node("timeout", "timeout -1"),
		"timeout 01":                     node("timeout", "timeout 01"),
		"timeout +1":                     node("timeout", "timeout +1"),
		"timeout n1":                     node("timeout", "timeout n1"),
		"timeout 1 2":                    node("timeout", "timeout 1 2"),
		"timeout 1 k=1":                  node("timeout", "timeout 1 k=1"),
		"tick 1 bytes=1":                 expected("tick NODE [k=1..10000]", "tick 1 bytes=1"),
		"tear 1 bytes=1 k=2":             expected("tear NODE [k=0..10000] [bytes=0..10000]", "tear 1 bytes=1 k=2"),
		"tick 1 k=1 k=2":                 expected("tick NODE [k=1..10000]", "tick 1 k=1 k=2"),
		"deliver 1":                      link("deliver", "deliver 1"),
		"deliver 1->1":                   link("deliver", "deliver 1->1"),
		"deliver 1->4":                   link("deliver", "deliver 1->4"),
		"deliver 0->1":                   link("deliver", "deliver 0->1"),
		"deliver 1->":                    link("deliver", "deliver 1->"),
		"deliver 1 -> 2":                 link("deliver", "deliver 1 -> 2"),
		"deliver 1->2->3":                link("deliver", "deliver 1->2->3"),
		"mend 1->1":                      `expected "mend [FROM->TO]" with nodes 1..3 and clients c1..c16, found "mend 1->1"`,
		"settle 4":                       `expected "settle [NODES]" with nodes 1..3 and clients c1..c16, found "settle 4"`,
		"settle 1 | 2":                   `expected "settle [NODES]" with nodes 1..3 and clients c1..c16, found "settle 1 | 2"`,
		"settle 1 1":                     `expected "settle [NODES]" with nodes 1..3 and clients c1..c16, found "settle 1 1"`,
		"lose 1":                         expected("lose FROM->TO", "lose 1"),
		"expect":                         expected("expect [NODES] STATE", "expect"),
		"expect 1":                       ofNode + "nothing",
		"expect 1 2 1 up":                `expected each node once, found "1 2 1 up"`,
		"expect 1 king":                  ofNode + `"king"`,
		"expect 1 term":                  ofNode + `"term"`,
		"expect 1 mood=3":                ofNode + `"mood=3"`,
		"expect 1 up down":               `expected each part of a state once, found "up" and "down"`,
		"expect 1 term=1 term=1":         `expected each part of a state once, found "term=1" and "term=1"`,
		"expect 1 term=-1":               `expected term=N, found "term=-1"`,
		"expect 1 term=01":               `expected term=N, found "term=01"`,
		"expect 1 vote=4":                `expected vote=NODE or vote=none, found "vote=4"`,
		"expect 1 vote=n2":               `expected vote=NODE or vote=none, found "vote=n2"`,
		"expect 1 log=2..3":              `expected log=1..N, or log={TERMS} with the term of each entry, found "log=2..3"`,
		"expect 1 log={1 x}":             `expected log=1..N, or log={TERMS} with the term of each entry, found "log={1 x}"`,
		"expect 1 log={ 1 }":             `expected log=1..N, or log={TERMS} with the term of each entry, found "log={ 1 }"`,
		"expect 1 config={2 1}":          configuration + `"config={2 1}"`,
		"expect 1 config={1}+{2}&{3}":    configuration + `"config={1}+{2}&{3}"`,
		"expect 1 config={4}":            configuration + `"config={4}"`,
		"expect 1 config={1 2":           configuration + `"config={1 2"`,
		"expect 4 up":                    ofCluster + `"4"`,
		"expect leader":                  ofCluster + `"leader"`,
		"expect leader=none":             `expected leader=NODE, the only one that leads, found "leader=none"`,
		"expect committed=x":             `expected committed=N entries, which some node reported as committed, found "committed=x"`,
		"tick 1 k=0":                     `expected k=1..10000, found "k=0"`,
		"tick 1 k=10001":                 `expected k=1..10000, found "k=10001"`,
		"tick 1 k=":                      `expected k=1..10000, found "k="`,
		"crash 1 k=-1":                   `expected k=0..10000, found "k=-1"`,
		"crash 1 k=01":                   `expected k=0..10000, found "k=01"`,
		"crash 1 k=+1":                   `expected k=0..10000, found "k=+1"`,
		"crash 1 k=0x1":                  `expected k=0..10000, found "k=0x1"`,
		"crash 1 k=1e3":                  `expected k=0..10000, found "k=1e3"`,
		"crash 1 k=99999999999999999999": `expected k=0..10000, found "k=99999999999999999999"`,
		"tear 1 bytes=-1":                `expected bytes=0..10000, found "bytes=-1"`,
		"corrupt 1 bit=x":                `expected bit=0..10000, found "bit=x"`,
		"slow 1->2":                      `expected k=0..1000 at the end of "slow"`,
		"slow 1->2 k=1001":               `expected k=0..1000, found "k=1001"`,
		"skew 1":                         `expected k=1..1000 at the end of "skew"`,
		"skew 1 k=0":                     `expected k=1..1000, found "k=0"`,
		"run":                            `expected k=1..10000 at the end of "run"`,
		"run 5":                          `expected k=1..10000 at the end of "run"`,
		"heal k=10001":                   `expected k=0..10000, found "k=10001"`,
		"cut":                            cut("cut"),
		"cut 1":                          cut("cut 1"),
		"cut 1 2 3":                      cut("cut 1 2 3"),
		"cut 1 2 |":                      cut("cut 1 2 |"),
		"cut | 1 2":                      cut("cut | 1 2"),
		"cut 1 | | 2":                    cut("cut 1 | | 2"),
		"cut 1 2 | 2":                    cut("cut 1 2 | 2"),
		"cut 1 1 | 2":                    cut("cut 1 1 | 2"),
		"cut 1 | 4":                      cut("cut 1 | 4"),
		"cut 1|2":                        cut("cut 1|2"),
		"cut 1->1":                       cut("cut 1->1"),
		"cut 1->2 | 3":                   cut("cut 1->2 | 3"),
		"call":                           call("call"),
		"call c1 1":                      call("call c1 1"),
		"call c0 1 get x":                call("call c0 1 get x"),
		"call c17 1 get x":               call("call c17 1 get x"),
		"call c01 1 get x":               call("call c01 1 get x"),
		"call 1 1 get x":                 call("call 1 1 get x"),
		"call c1 4 get x":                call("call c1 4 get x"),
		"call c1 1 fly x":                `expected get, put, append, cas or delete, found "fly"`,
		"call c1 1 put x":                `expected put KEY VALUE with single spaces, found "put x"`,
		"read c1 get x":                  expected("read cCLIENT NODE OPERATION", "read c1 get x"),
		"read c1 1 put x 1":              `expected an operation that is read-only after "read", found "put x 1"`,
		"leaseread c1 1 delete x":        `expected an operation that is read-only after "leaseread", found "delete x"`,
		"read c1 1 fly x":                `expected get, put, append, cas or delete, found "fly"`,
		"reconfigure":                    reconfigure("reconfigure"),
		"reconfigure 1":                  reconfigure("reconfigure 1"),
		"reconfigure 1 to":               reconfigure("reconfigure 1 to"),
		"reconfigure 1 1 2":              reconfigure("reconfigure 1 1 2"),
		"reconfigure 4 to 1":             reconfigure("reconfigure 4 to 1"),
		"reconfigure 1 to 4":             reconfigure("reconfigure 1 to 4"),
		"reconfigure 1 to 2 2":           reconfigure("reconfigure 1 to 2 2"),
		"reconfigure 1 to 2 + 2":         reconfigure("reconfigure 1 to 2 + 2"),
		"reconfigure 1 to 2 +":           reconfigure("reconfigure 1 to 2 +"),
		"reconfigure 1 to + 2":           reconfigure("reconfigure 1 to + 2"),
		"reconfigure 1 to 1 + 2 + 3":     reconfigure("reconfigure 1 to 1 + 2 + 3"),
		"reconfigure 1 to 1 | 2":         reconfigure("reconfigure 1 to 1 | 2"),
		"reconfigure 1 to 1 k=1":         reconfigure("reconfigure 1 to 1 k=1"),
		"cut 1 + 2":                      cut("cut 1 + 2"),
		"transfer 1":                     expected("transfer FROM->TO", "transfer 1"),
		"transfer 1->1":                  expected("transfer FROM->TO", "transfer 1->1"),
		"compact 1 k=10001":              `expected k=0..10000, found "k=10001"`,
		"compact":                        expected("compact NODE [k=0..10000]", "compact"),
		"wipe 1 k=1":                     node("wipe", "wipe 1 k=1"),
		"work 1":                         expected("work cCLIENT", "work 1"),
		"work c1 k=1":                    expected("work cCLIENT", "work c1 k=1"),
		"land c17":                       expected("land cCLIENT [k=0..10000]", "land c17"),
		"retry c1":                       `expected "retry cCLIENT NODE" with nodes 1..3 and clients c1..c16, found "retry c1"`,
		"retry c17 1":                    `expected "retry cCLIENT NODE" with nodes 1..3 and clients c1..c16, found "retry c17 1"`,
		"abandon 1":                      `expected "abandon cCLIENT" with nodes 1..3 and clients c1..c16, found "abandon 1"`,
		"abandon c0":                     `expected "abandon cCLIENT" with nodes 1..3 and clients c1..c16, found "abandon c0"`,
	}
	for line, want := range tests {
		t.Run(line, func(t *testing.T) {
			e, err := ParseEvent(line, 3, store)
			require.EqualError(t, err, want)
			require.Zero(t, e)
			if line != "" {
				_, err = Parse("file.txt", []byte("# a\n"+header+"\n"+line+"\nsettle\n"), house)
				require.EqualError(t, err, "file.txt:6: "+want)
			}
		})
	}
}

func TestParseEvent_clusterLargerThanAllowed(t *testing.T) {
	for _, line := range []string{"timeout 10", "deliver 1->10", "cut 1 | 10", "cut 10->1", "retry c1 255"} {
		_, err := ParseEvent(line, 1000, store)
		require.ErrorContains(t, err, "expected", line)
	}
}

func TestParse_errors(t *testing.T) {
	name := `expected "system NAME, of at most 64 of a-z 0-9 - + . (# begins prose)", found `
	nodes := `expected "nodes N, of 1 to 9", found `
	seed := `expected "rand SEED, of 0 to 18446744073709551615", found `
	voters := `expected "voters N, of 1 to the number of nodes", found `
	learners := `expected "learners NODES, which are outside of the voters", found `
	service := `expected "service NAME, one of ` + house.Names() + `", found `
	long := strings.Repeat("a", 65)
	three := "system a\nnodes 3\n"
	tests := map[string]struct{ text, want string }{
		"nothing":              {"", "f:1: " + name + "the end of the file"},
		"only prose":           {"# a\n# b\n", "f:3: " + name + "the end of the file"},
		"half a header":        {"system a\nnodes 3\n", `f:3: expected "rand SEED, of 0 to 18446744073709551615", found the end of the file`},
		"event first":          {"timeout 1\n", "f:1: " + name + `"timeout 1"`},
		"header misordered":    {"nodes 3\nsystem a\nrand 1\n", "f:1: " + name + `"nodes 3"`},
		"seed too early":       {"system a\nrand 1\nnodes 3\n", "f:2: " + nodes + `"rand 1"`},
		"blank in the header":  {"system a\n\nnodes 3\nrand 1\n", "f:2: " + nodes + `""`},
		"remark in the header": {"system a\n# b\nnodes 3\nrand 1\n", "f:2: " + nodes + `"# b"`},
		"no name":              {"system\n", "f:1: " + name + `"system"`},
		"name with a path":     {"system ../x\n", "f:1: " + name + `"system ../x"`},
		"name from a dot":      {"system .x\n", "f:1: " + name + `"system .x"`},
		"name with capitals":   {"system Raft\n", "f:1: " + name + `"system Raft"`},
		"name of two words":    {"system a b\n", "f:1: " + name + `"system a b"`},
		"name too long":        {"system " + long + "\n", "f:1: " + name + `"system ` + long + `"`},
		"no nodes":             {"system a\nnodes 0\n", "f:2: " + nodes + `"nodes 0"`},
		"too many nodes":       {"system a\nnodes 10\n", "f:2: " + nodes + `"nodes 10"`},
		"nodes with a zero":    {"system a\nnodes 03\n", "f:2: " + nodes + `"nodes 03"`},
		"no voters":            {three + "voters 0\nrand 1\n", "f:3: " + voters + `"voters 0"`},
		"more voters":          {three + "voters 4\nrand 1\n", "f:3: " + voters + `"voters 4"`},
		"voters twice":         {three + "voters 2\nvoters 2\nrand 1\n", "f:4: " + seed + `"voters 2"`},
		"learner that votes":   {"system a\nnodes 3\nvoters 2\nlearners 2 3\nrand 1\n", "f:4: " + learners + `"learners 2 3"`},
		"learners of none":     {three + "learners 3\nrand 1\n", "f:3: " + learners + `"learners 3"`},
		"learner twice":        {"system a\nnodes 3\nvoters 1\nlearners 3 3\nrand 1\n", "f:4: " + learners + `"learners 3 3"`},
		"strange learner":      {"system a\nnodes 3\nvoters 1\nlearners 4\nrand 1\n", "f:4: " + learners + `"learners 4"`},
		"no learners":          {"system a\nnodes 3\nvoters 1\nlearners\nrand 1\n", "f:4: " + learners + `"learners"`},
		"learners too early":   {three + "learners 3\nvoters 1\nrand 1\n", "f:3: " + learners + `"learners 3"`},
		"prevote off":          {three + "prevote off\nrand 1\n", `f:3: expected "prevote on", found "prevote off"`},
		"prevote first":        {three + "prevote on\nvoters 2\nrand 1\n", "f:4: " + seed + `"voters 2"`},
		"unknown service":      {three + "service fax\nrand 1\n", "f:3: " + service + `"service fax"`},
		"no service":           {three + "service\nrand 1\n", "f:3: " + service + `"service"`},
		"service after seed":   {three + "rand 1\nservice kv\n", `f:4: expected an event such as "deliver 1->2", found "service kv"`},
		"end after prevote":    {three + "prevote on\n", "f:4: " + seed + "the end of the file"},
		"no seed":              {"system a\nnodes 3\nrand\n", "f:3: " + seed + `"rand"`},
		"seed too large":       {"system a\nnodes 3\nrand 18446744073709551616\n", "f:3: " + seed + `"rand 18446744073709551616"`},
		"seed below zero":      {"system a\nnodes 3\nrand -1\n", "f:3: " + seed + `"rand -1"`},
		"seed with a plus":     {"system a\nnodes 3\nrand +1\n", "f:3: " + seed + `"rand +1"`},
		"too many events": {
			header + strings.Repeat("settle\n", MaxEvents+1), "f:20004: expected at most 20000 events, found more",
		},
		"too many ticks": {
			header + strings.Repeat("run k=9999\n", 10) + "heal k=11\n", "f:14: expected at most 100000 ticks in all, found 100001",
		},
		"long line": {
			header + "# " + strings.Repeat("x", MaxLineBytes) + "\n", "f:4: expected a line of at most 4096 bytes, found 4098",
		},
		"long prose": {
			"#" + strings.Repeat("x", MaxLineBytes-1) + "\n" + header, "f:1: expected a line of at most 4096 bytes, found 4097",
		},
		"large file": {
			strings.Repeat("#\n", MaxFileBytes/2) + header, "f: expected at most 16777216 bytes, found 16777248",
		},
		"control character": {header + "timeout\x001\n", `f:4: expected UTF-8 without control characters, found "timeout\x001"`},
		"tab inside":        {header + "timeout\t1\n", `f:4: expected UTF-8 without control characters, found "timeout\t1"`},
		"escape in prose":   {"# \x1b[2J\n" + header, `f:1: expected UTF-8 without control characters, found "# \x1b[2J"`},
		"carriage return":   {header + "timeout 1\rtimeout 2\n", `f:4: expected UTF-8 without control characters, found "timeout 1\rtimeout 2"`},
		"bell in a verdict": {header + "----\na\ab\n", `f:5: expected UTF-8 without control characters, found "a\ab"`},
		"no UTF-8":          {header + "# \xff\n", `f:4: expected UTF-8 without control characters, found "# \xff"`},
		"byte order mark":   {"\ufeff" + header, `f:1: ` + name + `"\ufeffsystem reference"`},
		"long find is cut": {
			header + strings.Repeat("y", 100) + "\n",
			`f:4: expected an event such as "deliver 1->2", found "` + strings.Repeat("y", 80) + `"...`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Parse("f", []byte(test.text), house)
			require.EqualError(t, err, test.want)
			require.Nil(t, s)
		})
	}
}
