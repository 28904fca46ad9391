"""ccTalk: one line for coin acceptors, hoppers and bill validators. Frames and codes here serve both ends of it."""
