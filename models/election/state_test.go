package election_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/election"
)

func TestMachine_AppendState(t *testing.T) {
	var m election.Machine
	require.Equal(t, "\x00", string(m.AppendState(nil)))
	m.Apply(2, 200, parse(t, "campaign db 5"))
	m.Apply(1, 200, parse(t, "campaign a 1"))
	m.Apply(1, 200, parse(t, "resign a 1"))
	const state = "kept" + "\xc8\x01" + "\x01a\x01\x00\x00" + "\x02db\x01\x02\xcd\x01"
	require.Equal(t, state, string(m.AppendState([]byte("kept"))))
	m.Reset()
	require.Equal(t, "\x00", string(m.AppendState(nil)))
}

func TestMachine_Restore_errors(t *testing.T) {
	tests := map[string]string{
		"":          "state of election: expected a time as a uvarint, found 0 bytes",
		"\x80":      "expected a time as a uvarint, found 1 bytes",
		"\x81\x00":  "expected the shortest uvarint of time 1, found 2 bytes",
		"\x05\x00":  "expected a length of a name from 1 to 64, found 0",
		"\x05\x41":  "expected a length of a name from 1 to 64, found 65",
		"\x05\x02d": "expected a name of 2 bytes, found 1",
		"\x05\x02d/\x01\x02\x09": `expected a name of letters, digits, '.', '_' and '-', ` +
			`found "d/"`,
		"\x05\x02db\x00\x02\x09": "expected a token from 1 to",
		"\x05\x02db\x01\x00\x09": "expected an expiry if and only if there is a holder, " +
			"found c0 until 9",
		"\x05\x02db\x01\x02\x00": "expected an expiry if and only if there is a holder, " +
			"found c2 until 0",
		"\x05\x02db\x01\x80\x80\x80\x80\x10\x09":   "expected a holder from 0 to 4294967295",
		"\x05\x02db\x01\x02":                       "expected a time of expiry as a uvarint",
		"\x05\x02db":                               "expected a token as a uvarint",
		"\x05\x02db\x01\x02\x09\x02db\x01\x02\x09": `expected names in order, found "db" before "db"`,
		"\x05\x02db\x01\x02\x09\x01a\x01\x02\x09":  `expected names in order, found "db" before "a"`,
		"\x05\x02db\x01\x02\x09\x00":               "expected a length of a name from 1 to 64, found 0",
	}
	for state, want := range tests {
		t.Run(want, func(t *testing.T) {
			var m election.Machine
			m.Apply(1, 5, parse(t, "campaign db 5"))
			require.ErrorContains(t, m.Restore([]byte(state)), want)
			require.Equal(t, "\x00", string(m.AppendState(nil)), "the first state")
		})
	}
}

// A machine that was restored answers like the one that wrote the state, in whichever state
// it was before.
func TestMachine_Restore(t *testing.T) {
	reused := new(election.Machine)
	rapid.Check(t, func(t *rapid.T) {
		var m election.Machine
		r := anyRun(t, 30, "a", "b", "c")
		at := rapid.IntRange(0, len(r.ops)).Draw(t, "restored at")
		for i := range at {
			m.Apply(r.clients[i], r.times[i], r.ops[i])
		}
		state := m.AppendState(nil)
		bytes := append([]byte(nil), state...)
		require.NoError(t, reused.Restore(bytes))
		clear(bytes)
		require.Equal(t, state, reused.AppendState(nil), "and it keeps nothing of the bytes")
		for i := at; i < len(r.ops); i++ {
			require.Equal(t, m.Apply(r.clients[i], r.times[i], r.ops[i]),
				reused.Apply(r.clients[i], r.times[i], r.ops[i]))
			require.Equal(t, m.AppendState(nil), reused.AppendState(nil))
		}
	})
}

// Restore never panics, accepts one encoding of each state only, and leaves the
// first state behind an error.
func FuzzMachine_Restore(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte("\xc8\x01\x01a\x01\x00\x00\x02db\x01\x02\xcd\x01"))
	f.Add([]byte("\x05\x02db\x01\x02\x09\x01a\x01\x02\x09"))
	f.Add([]byte("\x05\x02db\x81\x00\x02\x09"))
	f.Fuzz(func(t *testing.T, state []byte) {
		var m election.Machine
		m.Apply(1, 5, parse(t, "campaign db 5"))
		if m.Restore(state) != nil {
			require.Equal(t, "\x00", string(m.AppendState(nil)))
			return
		}
		require.Equal(t, state, m.AppendState(nil))
		for _, text := range []string{"holder db", "campaign db 5", "keepalive db 1 5", "resign db 1"} {
			a, err := election.ParseAnswer(m.Apply(1, 1<<40, parse(t, text)))
			require.NoError(t, err)
			require.EqualValues(t, uint64(1<<40), a.Now)
		}
	})
}
