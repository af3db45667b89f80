package maelstrom

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"raftcheck/faults/live"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// client asks nodes.
type client struct {
	run *run
	id  int
}

// patience is the time that a client waits for a reply, which is Maelstrom's.
const patience = time.Second

// Dial returns a client.
func (r *run) Dial(c live.Config) live.Client { return &client{r, int(c.Client)} }

// Close does nothing.
func (c *client) Close() {}

// Do carries out an operation.
func (c *client) Do(ctx context.Context, n live.Node, op service.Op) (live.Answer, error) {
	asked, ok := op.(kv.Op)
	if !ok {
		return live.Answer{}, fmt.Errorf("%w: no operation of lin-kv: %v", live.ErrRefused, op)
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	question := newRequest(asked)
	r, err := c.run.ask(ctx, c.id, n.ID, question)
	if err != nil {
		return live.Answer{}, err
	}
	output, err := c.output(n.ID, asked, question.Type+"_ok", &r)
	return live.Answer{Output: output}, err
}

// newRequest is an operation on the wire. Its words are integers, and so they are JSON.
func newRequest(op kv.Op) request {
	q := request{Type: "read", Key: json.RawMessage(op.Name)}
	switch op.Kind {
	case kv.Put:
		q.Type, q.Value = "write", json.RawMessage(op.Value)
	case kv.Cas:
		q.Type, q.From, q.To = "cas", json.RawMessage(op.Old), json.RawMessage(op.Value)
	}
	return q
}

// output is the answer in the words of the store's specification. Its type should be want.
func (c *client) output(node int, op kv.Op, want string, r *reply) (string, error) {
	switch {
	case r.Type == want && op.Kind != kv.Get:
		return "ok", nil
	case r.Type == want && (len(r.Value) == 0 || string(r.Value) == "null"):
		return kv.Nil, nil
	case r.Type == want:
		return string(r.Value), nil
	case r.Type != "error":
		c.run.breaks("n%d answered %s with %.40q, not %s", node, op, r.Type, want)
		return "", fmt.Errorf("answered with %q", r.Type)
	case r.Code == keyDoesNotExist && op.Kind == kv.Get:
		return kv.Nil, nil
	case (r.Code == keyDoesNotExist || r.Code == preconditionFailed) && op.Kind == kv.Cas:
		return "no", nil
	case definite[r.Code]:
		return "", fmt.Errorf("%w: error %d %.80s", live.ErrRefused, r.Code, r.Text)
	}
	return "", fmt.Errorf("error %d %.80s", r.Code, r.Text)
}
