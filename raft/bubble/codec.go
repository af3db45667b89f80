package bubble

import "encoding/json"

// encode encodes a letter or a record, and decode reads it back. JSON gives the same bytes
// in every process, and a person can read them.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("a value that cannot be encoded: " + err.Error())
	}
	return b
}

func decode(b []byte, v any) error { return json.Unmarshal(b, v) }
