package models

// Properties lists what Checkers judge, in their order.
func Properties() []Property {
	var list []Property
	for _, c := range Checkers() {
		list = append(list, c.Property())
	}
	return list
}
