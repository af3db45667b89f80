package foreign

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/linearizability"
)

// unite gives one key to all transactions whose keys are ever used together: such keys
// are one object, and keys that no transaction connects are several.
func unite(h linearizability.History) {
	u := union{}
	for i := range h {
		keys := keysOf(h[i].Input)
		for _, key := range keys {
			u.join(keys[0], key)
		}
	}
	members := map[string][]string{}
	for key := range u {
		root := u.root(key)
		members[root] = append(members[root], key)
	}
	names := map[string]string{}
	for root, keys := range members {
		names[root] = together(keys)
	}
	for i := range h {
		h[i].Key = names[u.root(keysOf(h[i].Input)[0])]
	}
}

// keysOf has the keys of r K w K V append K V.
func keysOf(input string) (keys []string) {
	words := strings.Split(input, " ")
	for len(words) > 0 {
		keys = append(keys, words[1])
		if words[0] == "r" {
			words = words[2:]
		} else {
			words = words[3:]
		}
	}
	return keys
}

// together is the name of keys that are one object.
func together(keys []string) string {
	const named = 3
	slices.Sort(keys)
	if len(keys) <= named {
		return strings.Join(keys, "+")
	}
	return fmt.Sprintf("%s+%d-more", strings.Join(keys[:named], "+"), len(keys)-named)
}

// union is a forest of keys, each with its parent, or itself.
type union map[string]string

func (u union) root(key string) string {
	parent, ok := u[key]
	if !ok {
		u[key] = key
		return key
	}
	for parent != key {
		u[key] = u[parent] // halves the path, so that the next one is short
		key, parent = parent, u[parent]
	}
	return key
}

func (u union) join(a, b string) { u[u.root(b)] = u.root(a) }
