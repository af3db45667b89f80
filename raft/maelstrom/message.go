package maelstrom

import (
	"encoding/json"
	"strconv"
	"strings"
)

// message is a line between a node and the network.
type message struct {
	Src  string          `json:"src"`
	Dest string          `json:"dest"`
	Body json.RawMessage `json:"body"`
}

// request is the body of a message to a node. Bodies between nodes are not looked into.
type request struct {
	Type    string          `json:"type"`
	MsgID   int64           `json:"msg_id"`
	NodeID  string          `json:"node_id,omitempty"`
	NodeIDs []string        `json:"node_ids,omitempty"`
	Key     json.RawMessage `json:"key,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	From    json.RawMessage `json:"from,omitempty"`
	To      json.RawMessage `json:"to,omitempty"`
}

// reply is the body of a message to a client. It may have other keys.
type reply struct {
	Type      string          `json:"type"`
	InReplyTo int64           `json:"in_reply_to"`
	Value     json.RawMessage `json:"value"`
	Code      int             `json:"code"`
	Text      string          `json:"text"`
}

// The codes of errors that have a meaning of their own here.
const (
	keyDoesNotExist    = 20
	preconditionFailed = 22
)

// definite are the codes of errors after which the operation never happens, by the table of
// doc/protocol.md. After any other code the outcome is unknown.
var definite = map[int]bool{
	1: true, 10: true, 11: true, 12: true, 14: true, 20: true, 21: true, 22: true, 30: true,
}

// name is a node's or a client's name on the wire: a letter and a number.
func name(letter string, id int) string { return letter + strconv.Itoa(id) }

// numbered reads a name.
func numbered(text, letter string) (id int, ok bool) {
	digits, ok := strings.CutPrefix(text, letter)
	id, err := strconv.Atoi(digits)
	return id, ok && err == nil && name(letter, id) == text
}
