"""What is known, as rows of words: functions of the view model that several features show."""
