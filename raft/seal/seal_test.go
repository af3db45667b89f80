package seal

import (
	"bytes"
	"slices"
	"testing"
)

// TestOpen_tornAndRotten cuts a record short at each byte, and flips each of its bits.
func TestOpen_tornAndRotten(t *testing.T) {
	body := []byte("the vote of term 7")
	record := Append(nil, body)
	if got, torn, err := Open(record); !bytes.Equal(got, body) || torn || err != nil {
		t.Fatalf("got %q, torn %v, %v", got, torn, err)
	}
	for n := range record {
		if got, torn, err := Open(record[:n]); got != nil || !torn || err != nil {
			t.Errorf("%d bytes: got %q, torn %v, %v", n, got, torn, err)
		}
	}
	for bit := range 8 * len(record) {
		flipped := slices.Clone(record)
		flipped[bit/8] ^= 1 << (bit % 8)
		if got, torn, err := Open(flipped); got != nil || torn || err != ErrRotten {
			t.Errorf("bit %d: got %q, torn %v, %v", bit, got, torn, err)
		}
	}
	if _, _, err := Open(append(record, 0)); err != ErrRotten {
		t.Errorf("a byte after the record: %v", err)
	}
}

func TestBodies(t *testing.T) {
	first, second := Append(nil, []byte("a")), Append(nil, []byte("bb"))
	got, err := Bodies([][]byte{first, second[:5], second})
	if err != nil || len(got) != 2 || string(got[0]) != "a" || string(got[1]) != "bb" {
		t.Errorf("got %q, %v", got, err)
	}
	second[len(second)-1]++
	const want = "record 2 of 2: checksum does not match: the record is rotten"
	if _, err := Bodies([][]byte{first, second}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
