"""What starts, keeps and stops the processes of the camp. Knows no Django app."""
