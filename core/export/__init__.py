"""What one takes along: pictures as files that any program opens."""
