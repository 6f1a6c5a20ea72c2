"""Who may call a method: each kind of authorizer is one class, in a module of its own."""
