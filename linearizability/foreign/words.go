package foreign

import (
	"fmt"
	"slices"
	"strings"
)

// shape is the form of an operand or an answer of a foreign operation.
type shape uint8

const (
	nothing shape = iota
	done          // of answers: every answer is "ok"
	whether       // of answers: false is "no", anything else "ok"
	truth         // of answers: true or false
	one           // a value
	pair          // of operands: two values in a list
	several       // a list of [f, key, value]
	members       // of answers: the elements of a set
	elected       // of answers: a mapping with the kind of the answer
)

// form is an operation of a model, as others call it.
type form struct {
	verb        string // in the words of package model
	names       string // of others, with blanks between
	arg, answer shape
}

const (
	readNames  = "read get r"
	writeNames = "write put w set"
	casNames   = "cas compare-and-set compare-and-swap compareAndSet"
)

var (
	reading  = form{"read", readNames, nothing, one}
	writing  = form{"write", writeNames, one, done}
	swapping = form{"cas", casNames, pair, whether}
)

// modelForms are the operations of a model.
type modelForms struct {
	model string
	forms []form
}

// forms of each model, in the order in which a model is looked for.
var forms = []modelForms{
	{"register", []form{reading, writing}},
	{"cas-register", []form{reading, writing, swapping}},
	{"kv-append", []form{
		{"get", readNames, nothing, one}, {"put", writeNames, one, done}, swapping,
		{"append", "append", one, done}, {"delete", "delete del remove", nothing, done},
	}},
	{"mutex", []form{
		{"acquire", "acquire lock", nothing, whether}, {"release", "release unlock", nothing, whether},
	}},
	{"fifo-queue", []form{
		{"enqueue", "enqueue offer put push", one, done}, {"dequeue", "dequeue poll take pop", nothing, one},
	}},
	{"set", []form{
		{"add", "add insert", one, done}, {"remove", "remove delete", one, done},
		{"contains", "contains", one, truth}, {"read", readNames, nothing, members},
	}},
	{"txn", []form{{"", "txn", several, several}}},
	{electionModel, []form{
		{"campaign", "campaign", one, elected}, {"keepalive", "keepalive", pair, elected},
		{"resign", "resign", one, elected}, {"holder", "holder", nothing, elected},
	}},
}

// formOf finds an operation of a model; ok is false if it has none of the name.
func formOf(model, f string) (form, bool) {
	for i := range forms {
		if forms[i].model != model {
			continue
		}
		for _, known := range forms[i].forms {
			if slices.Contains(strings.Fields(known.names), f) {
				return known, true
			}
		}
	}
	return form{}, false
}

// Reads reports whether formats other than text have the operations of a model.
func Reads(model string) bool {
	return slices.ContainsFunc(forms, func(f modelForms) bool { return f.model == model })
}

// guess is the first model that has all operations; "" if none does.
func (r *recording) guess() string {
	names := map[string]bool{}
	for i := range r.calls {
		names[r.calls[i].f] = true
	}
	for i := range forms {
		all := true
		for name := range names {
			_, ok := formOf(forms[i].model, name)
			all = all && ok
		}
		if all {
			return forms[i].model
		}
	}
	return ""
}

// operations lists the names of the first few.
func (r *recording) operations() string {
	const enough = 8
	var names []string
	for i := range r.calls {
		if name := clip(r.calls[i].f); !slices.Contains(names, name) && len(names) < enough {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// input is the operation in the words of its model.
func (f form) input(c *call) (string, error) {
	switch f.arg {
	case nothing:
		return f.verb, nil
	case pair:
		if c.arg.kind != list || len(c.arg.items) != 2 {
			return "", fmt.Errorf("an operand like [1 2] of %s, found %s", c.f, clip(c.arg.word()))
		}
		return f.verb + " " + c.arg.items[0].word() + " " + c.arg.items[1].word(), nil
	case several:
		return transaction(&c.arg)
	default:
		return f.verb + " " + c.arg.word(), nil
	}
}

// output is the answer in the words of the model.
func (f form) output(c *call) (string, error) {
	v := &c.answer
	if c.mute && f.answer != done {
		return "", fmt.Errorf("an answer of %s, found none", c.f)
	}
	switch f.answer {
	case whether:
		return whetherWord(c)
	case truth:
		if v.kind != boolean {
			return "", fmt.Errorf("an answer true or false of %s, found %s", c.f, clip(v.word()))
		}
		return v.text, nil
	case one:
		return v.word(), nil
	case members:
		if v.kind != list && v.kind != set && v.kind != absent {
			return "", fmt.Errorf("an answer of elements of %s, found %s", c.f, clip(v.word()))
		}
		return (&value{kind: set, items: v.items}).word(), nil
	case several:
		return transactionAnswer(&c.arg, v)
	case elected:
		return electionAnswer(f.verb, c)
	default:
		return "ok", nil
	}
}

// whetherWord is ok or no. An answer in Jepsen's formats repeats the operand, or
// has something of its own.
func whetherWord(c *call) (string, error) {
	switch {
	case c.answer.kind == boolean && c.answer.text == "false":
		return "no", nil
	case c.answer.kind == boolean, !c.strict:
		return "ok", nil
	}
	return "", fmt.Errorf("an answer true or false of %s, found %s", c.f, clip(c.answer.word()))
}

// microVerbs are the operations of a transaction, by the names of others.
var microVerbs = map[string]string{
	"r": "r", "read": "r", "get": "r", "w": "w", "write": "w", "put": "w", "append": "append",
}

// micro is the verb of [f, key, value], an operation of a transaction.
func micro(v *value) (verb string, err error) {
	if v.kind != list || len(v.items) < 2 || len(v.items) > 3 || microVerbs[v.items[0].text] == "" {
		return "", fmt.Errorf("[:r key nil], [:w key value] or [:append key value], found %s", clip(v.word()))
	}
	verb = microVerbs[v.items[0].text]
	if verb != "r" && len(v.items) != 3 {
		return "", fmt.Errorf("a value to write, found %s", clip(v.word()))
	}
	return verb, nil
}

func transaction(arg *value) (string, error) {
	if arg.kind != list || len(arg.items) == 0 {
		return "", fmt.Errorf("a list of operations of a transaction, found %s", clip(arg.word()))
	}
	var input []string
	for i := range arg.items {
		verb, err := micro(&arg.items[i])
		if err != nil {
			return "", err
		}
		input = append(input, verb, arg.items[i].items[1].keyWord())
		if verb != "r" {
			input = append(input, arg.items[i].items[2].word())
		}
	}
	return strings.Join(input, " "), nil
}

// transactionAnswer has the values that the reads of a transaction returned.
func transactionAnswer(arg, answer *value) (string, error) {
	if answer.kind != list || len(answer.items) != len(arg.items) {
		return "", fmt.Errorf("an answer with an item for each operation, found %s", clip(answer.word()))
	}
	var reads []string
	for i := range arg.items {
		called, _ := micro(&arg.items[i]) // input has looked at it
		verb, err := micro(&answer.items[i])
		if err != nil {
			return "", err
		}
		key := arg.items[i].items[1].keyWord()
		if verb != called || answer.items[i].items[1].keyWord() != key {
			return "", fmt.Errorf("the answer of %s %s, found %s", called, key, clip(answer.items[i].word()))
		}
		if verb == "r" {
			read := &value{}
			if len(answer.items[i].items) == 3 {
				read = &answer.items[i].items[2]
			}
			reads = append(reads, read.word())
		}
	}
	if len(reads) == 0 {
		return "ok", nil
	}
	return strings.Join(reads, " "), nil
}
