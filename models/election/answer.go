package election

import (
	"fmt"
	"math"

	"raftcheck/models/service"
)

// Verdict is the kind of an answer. The zero value is none.
type Verdict uint8

// The kinds of answer.
const (
	Granted  Verdict = iota + 1 // campaign: the client holds it, by Token, until Until
	Held                        // campaign: Holder holds it until Until
	Kept                        // keepalive: the client holds it until Until
	Resigned                    // resign: it is free
	Lost                        // keepalive, resign: the client does not hold it, or not by that token
	Led                         // holder: Holder holds it, by Token, until Until
	Free                        // holder: nobody holds it
)

// answers is the form of each kind: H is the holder, T the token, U the time until which
// it holds, N now, and C the client that asked. Each is one word, as histories need it.
var answers = [...]form{
	Granted:  "token-T-until-U-at-N-for-cC",
	Held:     "held-by-cH-until-U-at-N-for-cC",
	Kept:     "ok-until-U-at-N-for-cC",
	Resigned: "ok-at-N-for-cC",
	Lost:     "lost-at-N-for-cC",
	Led:      "cH-token-T-until-U-at-N",
	Free:     "free-at-N",
}

// Answer is the answer to an operation, read from its text. Fields that its kind
// does not have are zero. Times are those of Raft's log, in ticks.
type Answer struct {
	Verdict Verdict
	Client  uint32 // that asked
	Holder  uint32
	Token   uint64
	Until   uint64
	Now     uint64 // when it took effect
}

// ParseAnswer reads the text of an answer. It accepts one way only to write each.
func ParseAnswer(text string) (Answer, error) {
	for v := Granted; v <= Free; v++ {
		n, ok := answers[v].scan(text)
		if !ok || *n.at('C') > math.MaxUint32 || *n.at('H') > math.MaxUint32 {
			continue
		}
		return Answer{
			Verdict: v,
			Client:  uint32(*n.at('C')), Holder: uint32(*n.at('H')),
			Token: *n.at('T'), Until: *n.at('U'), Now: *n.at('N'),
		}, nil
	}
	return Answer{}, fmt.Errorf("expected an answer such as %s or %s, found %s",
		answers[Granted], answers[Lost], service.Quote(text))
}

// String returns the text as ParseAnswer reads it.
func (a Answer) String() string {
	if a.Verdict < Granted || a.Verdict > Free {
		return ""
	}
	var n numbers
	*n.at('C'), *n.at('H') = uint64(a.Client), uint64(a.Holder)
	*n.at('T'), *n.at('U'), *n.at('N') = a.Token, a.Until, a.Now
	return string(answers[a.Verdict].appendTo(nil, &n))
}
