package live

import "context"

func (p *program) fuzz(ctx context.Context, f *flags) (int, error)   { panic("todo") }
func (p *program) shrink(ctx context.Context, f *flags) (int, error) { panic("todo") }
