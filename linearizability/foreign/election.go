package foreign

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// electionModel is the model whose specification package models/election has.
const electionModel = "election"

// maxTTL is the longest time to live that this specification knows, in ticks.
const maxTTL = 10_000

// electionOperands are the numbers behind each verb of an election, each from 1.
var electionOperands = map[string][]struct {
	about string
	most  uint64
}{
	"campaign":  {{"a time to live", maxTTL}},
	"keepalive": {{"a token", math.MaxUint64}, {"a time to live", maxTTL}},
	"resign":    {{"a token", math.MaxUint64}},
}

// checkElection wants the operands in their bounds.
func checkElection(input string) error {
	words := strings.Split(input, " ")
	for i, operand := range electionOperands[words[0]] {
		n, err := strconv.ParseUint(words[i+1], 10, 64)
		if err != nil || n < 1 || n > operand.most {
			return fmt.Errorf("%s from 1 to %d of %s, found %s",
				operand.about, operand.most, words[0], clip(words[i+1]))
		}
	}
	return nil
}

// electionAnswers are the answers of each verb, in the words of the specification. A
// name behind $ is a field of the answer, and $client the client that called.
var electionAnswers = []struct{ verb, kind, text string }{
	{"campaign", "granted", "token-$token-until-$until-at-$at-for-c$client"},
	{"campaign", "held", "held-by-c$holder-until-$until-at-$at-for-c$client"},
	{"keepalive", "kept", "ok-until-$until-at-$at-for-c$client"},
	{"keepalive", "lost", "lost-at-$at-for-c$client"},
	{"resign", "resigned", "ok-at-$at-for-c$client"},
	{"resign", "lost", "lost-at-$at-for-c$client"},
	{"holder", "led", "c$holder-token-$token-until-$until-at-$at"},
	{"holder", "free", "free-at-$at"},
}

// electionAnswer is the answer to a verb in the words of the specification.
func electionAnswer(verb string, c *call) (string, error) {
	var kinds []string
	for _, answer := range electionAnswers {
		if answer.verb != verb {
			continue
		}
		if c.answer.field("kind").is(answer.kind) {
			return c.fill(answer.text)
		}
		kinds = append(kinds, answer.kind)
	}
	return "", fmt.Errorf("an answer of %s of the kind %s, found %s", c.f, strings.Join(kinds, " or "),
		clip(c.answer.word()))
}

// fill puts the fields of the answer, which has no others, into a text.
func (c *call) fill(text string) (string, error) {
	fields, wrong := []string{"kind"}, false
	filled := os.Expand(text, func(name string) string {
		n := uint64(c.client)
		if name != "client" {
			fields = append(fields, name)
			v := c.answer.field(name)
			var err error
			n, err = strconv.ParseUint(v.text, 10, 64)
			wrong = wrong || v.kind != numeral || err != nil
		}
		if name == "client" || name == "holder" {
			wrong = wrong || n > math.MaxUint32-uint64(c.shift)
			n += uint64(c.shift)
		}
		return strconv.FormatUint(n, 10)
	})
	if wrong || len(c.answer.items) != 2*len(fields) {
		return "", fmt.Errorf("an answer of %s of the fields %s, whole numbers but for kind, found %s", c.f,
			strings.Join(fields, ", "), clip(c.answer.word()))
	}
	return filled, nil
}

// namesClientZero reports whether client 0 called an operation, or holds the leadership.
func (r *recording) namesClientZero(model string) bool {
	return slices.ContainsFunc(r.calls, func(c call) bool {
		return c.client == 0 || model == electionModel && c.answer.field("holder").text == "0"
	})
}
