"""What a plan may destroy, lose or leave half done: a module for each kind of rule."""
